"""Files of a made-up law as people have them: Word documents as the national database lays them out, and plain text."""

import io
import zipfile
from xml.sax.saxutils import escape

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
LAW_LINES = (
    "中华人民共和国样例法",
    "（2009年2月28日第十一届全国人民代表大会常务委员会第七次会议通过　2015年4月24日第十二届全国人民代表大会"
    "常务委员会第十四次会议修订　根据2026年9月12日《关于修改〈中华人民共和国样例法〉的决定》修正）",
    "目　　录",
    "第一章　总　　则",
    "第二章　锦鲤",
    "第一节　喂养",
    "第二节　池水",
    "第三章　附　　则",
    "第一章　总　　则",
    "第一条　为了养好锦鲤，制定本法。",
    "第二条　养鱼人应当：",
    "（一）每天喂食；",
    "(二)每周换水。",
    "第一条规定的锦鲤包括草金鱼。",
    "第二章　锦鲤",
    "第一节　喂养",
    "第三条　喂食不得过量。",
    "第三条之一　夜间不喂食。",
    "第二节　池水",
    "第四条　池水应当清澈。",
    "第三章　附　　则",
    "第五条　本法自2015年10月1日起施行。",
)
LABELS = ["第一条", "第二条", "第三条", "第三条之一", "第四条", "第五条"]


def docx(*paragraphs: str, markup: str | None = None, **parts: str) -> bytes:
    """A Word document of these paragraphs, or with this markup in its body; `parts` are further files of the zip."""
    body = markup or "".join(f'<w:p><w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p>' for text in paragraphs)
    return zipped(f'<?xml version="1.0"?><w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>', **parts)


def zipped(document: str | bytes, name: str = "word/document.xml", **parts: str) -> bytes:
    """A zip with this as its main part."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(name, document)
        for part, content in parts.items():
            archive.writestr(part, content)
    return data.getvalue()


def plain(*lines: str) -> bytes:
    return "\n".join(lines).encode()
