// The small HTML of a reply, copied node by node: nothing but these four elements and text ever reaches the page.

const ALLOWED = new Set(["B", "I", "U", "BLOCKQUOTE"]);
const DROPPED = new Set(["SCRIPT", "STYLE", "TEMPLATE", "IFRAME", "NOSCRIPT", "TEXTAREA", "TITLE"]);

/** Returns a fragment that shows `text`; unknown elements leave only their words. */
export function renderMarkup(text) {
  const parsed = new DOMParser().parseFromString(`<!doctype html><body>${text}`, "text/html");
  const fragment = document.createDocumentFragment();
  copyChildren(parsed.body, fragment);
  return fragment;
}

function copyChildren(source, target) {
  for (const node of source.childNodes) {
    if (node.nodeType === Node.TEXT_NODE) {
      // A quotation is a block of its own: the line break after it would show as an empty line.
      const afterBlock = target.lastChild && target.lastChild.nodeName === "BLOCKQUOTE";
      target.append(afterBlock ? node.data.replace(/^\n/, "") : node.data);
    } else if (node.nodeType === Node.ELEMENT_NODE && ALLOWED.has(node.nodeName)) {
      const element = document.createElement(node.nodeName.toLowerCase());
      copyChildren(node, element);
      target.append(element);
    } else if (node.nodeType === Node.ELEMENT_NODE && !DROPPED.has(node.nodeName)) {
      copyChildren(node, target);
    }
  }
}
