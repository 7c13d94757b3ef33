"""The official Chinese terms of the field for this package's enums: rosters, screens and exports are written with them."""

from exam.people.rules import JobRole, OrganisationKind, Role
from question_bank.questions.rules import QuestionType

ORGANISATION_KINDS = {
    OrganisationKind.UNIVERSITY_CANTEEN: "大中专院校食堂",
    OrganisationKind.SCHOOL_CANTEEN: "中小学食堂",
    OrganisationKind.KINDERGARTEN_CANTEEN: "托幼机构食堂",
    OrganisationKind.HOSPITAL_CANTEEN: "医院食堂",
    OrganisationKind.CARE_HOME_CANTEEN: "养老机构食堂",
    OrganisationKind.WORKPLACE_CANTEEN: "企事业单位食堂",
    OrganisationKind.CONSTRUCTION_CANTEEN: "建筑工地食堂",
    OrganisationKind.FOOD_PRODUCTION: "食品生产",
    OrganisationKind.FOOD_SALES: "食品销售",
    OrganisationKind.CATERING: "餐饮服务",
    OrganisationKind.PHARMACY: "药品零售",
    OrganisationKind.DRUG_WHOLESALE: "药品批发",
    OrganisationKind.VACCINATION: "疾控与接种单位",
    OrganisationKind.REGULATOR: "监管部门",
}

JOB_ROLES = {
    JobRole.PRINCIPAL: "主要负责人（校长、园长）",
    JobRole.SAFETY_DIRECTOR: "食品安全总监",
    JobRole.SAFETY_OFFICER: "食品安全员",
    JobRole.CANTEEN_MANAGER: "食堂经理",
    JobRole.FOOD_HANDLER: "从业人员",
    JobRole.DRUG_HANDLER: "药品从业人员",
    JobRole.DRUG_REGULATOR: "药品监管人员",
    JobRole.GSP_INSPECTOR: "GSP检查员",
}

ROLES = {
    Role.ADMINISTRATOR: "系统管理员",
    Role.REGULATOR: "监管人员",
    Role.TRAINER: "题库维护人员",
    Role.ORGANISATION_MANAGER: "单位管理人员",
    Role.STAFF: "学员",
}

QUESTION_TYPES = {
    QuestionType.SINGLE_CHOICE: "单选题",
    QuestionType.MULTIPLE_CHOICE: "多选题",
    QuestionType.TRUE_FALSE: "判断题",
}
