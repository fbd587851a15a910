"""What can be wrong with a source before its cells are judged: the file, its text, its shape, its headings."""

from __future__ import annotations

from quality.finding import Severity
from quality.rules.rule import Rule

EMPTY_FILE = Rule(
    code="empty-file",
    title="文件为空",
    title_en="Empty file",
    template="the file has no content",
    fix="export the source again",
    indicator="0202",
)
NO_ROWS = Rule(
    code="no-rows",
    title="只有表头，没有数据",
    title_en="Headings without rows",
    template="there is no row below the headings",
    fix="export the source again, or set allow_empty in the entry's source if an empty table is right",
    indicator="0202",
)
ENCODING = Rule(
    code="encoding",
    title="字符编码不符",
    title_en="Wrong encoding",
    template="byte {byte} (0x{octet:02x}) is no {encoding}",
    fix="export the file as UTF-8 or GB18030, or name its encoding in the entry's source",
    indicator="0302",
)
DOUBTFUL_ENCODING = Rule(
    code="doubtful-encoding",
    title="字符编码存疑",
    title_en="Doubtful encoding",
    template="the bytes can be read as {encoding}, but most of its characters are no usual Chinese, such as {sample}",
    fix="name the file's real encoding in the entry's source, or export the file as UTF-8",
    indicator="0302",
)
CONTROL_CHARACTER = Rule(
    code="control-character",
    title="含不可用的控制字符",
    title_en="Control character",
    template="the text has the character U+{code:04X}, which no published table may hold",
    fix="remove the character in the source",
    indicator="0302",
)
RAGGED_ROW = Rule(
    code="ragged-row",
    title="行的列数与表头不一致",
    title_en="Ragged row",
    template="the row has {cells} cells where the headings have {columns}",
    fix="look for a missing or an unquoted delimiter in this row",
    indicator="0302",
)
BLANK_ROW = Rule(
    code="blank-row",
    title="空行",
    title_en="Blank row",
    template="no cell of the row has a value; it was passed over",
    fix="remove the row in the source, or fill in what it should say",
    indicator="0202",
    severity=Severity.SHOULD,
)
UNCLOSED_QUOTE = Rule(
    code="unclosed-quote",
    title="引号未闭合",
    title_en="Unclosed quote",
    template="a quote that opens in this row never closes",
    fix="close the quote, or name the file's quote character in the entry's source",
    indicator="0302",
)
STRAY_QUOTE = Rule(
    code="stray-quote",
    title="引号位置不当",
    title_en="Stray quote",
    template="text follows a closing quote",
    fix="double the quotes inside the cell, or name the file's quote and escape characters in the entry's source",
    indicator="0302",
)
BLANK_HEADING = Rule(
    code="blank-heading",
    title="表头有空白列名",
    title_en="Blank heading",
    template="column {position} has no heading",
    fix="give the column a heading, or name the right header_row in the entry's source",
    indicator="0302",
)
DUPLICATE_HEADING = Rule(
    code="duplicate-heading",
    title="表头列名重复",
    title_en="Duplicate heading",
    template="the heading {column!r} stands in columns {first} and {second}",
    fix="rename one of the two columns",
    indicator="0302",
)
AMBIGUOUS_HEADING = Rule(
    code="ambiguous-heading",
    title="两个列名指向同一字段",
    title_en="Two headings for one field",
    template="the headings {other!r} and {column!r} both lead to the field {field}",
    fix="rename or remove one of the two columns in the source, or mend columns in the entry's source",
    indicator="0302",
)
AMBIGUOUS_TITLE = Rule(
    code="ambiguous-title",
    title="列名对应多个字段",
    title_en="Heading that is the title of several fields",
    template="the heading {column!r} is the title of the fields {fields}",
    fix="say under columns in the entry's source which field the heading leads to, or give each field its own title",
    indicator="0302",
)
NOT_THIS_FORMAT = Rule(
    code="not-this-format",
    title="文件内容与格式不符",
    title_en="Content is not of the declared format",
    template="the file is no readable {format}: {detail}",
    fix="export the file again, or name its real format in the entry's source",
    indicator="0302",
)
HIDDEN_SHEET = Rule(
    code="hidden-sheet",
    title="工作表被隐藏",
    title_en="Hidden sheet",
    template="the sheet is hidden, so nobody may have meant to publish it",
    fix="unhide it, name another sheet, or set hidden: true in the entry's source",
    indicator="0106",
)
MISSING_SHEET = Rule(
    code="missing-sheet",
    title="没有这个工作表",
    title_en="Missing sheet",
    template="there is no sheet {sheet_name!r}; the workbook has {sheets}",
    fix="name one of them in the entry's source",
    indicator="0302",
)
CELL_ERROR = Rule(
    code="cell-error",
    title="单元格是公式错误",
    title_en="Formula error",
    template="the cell's formula gave {value}",
    fix="mend the formula in the workbook, or clear the cell",
    indicator="0301",
)
PRECISION_LOST = Rule(
    code="precision-lost",
    title="长数字已被截断",
    title_en="Digits lost",
    template="the cell is a number of more than 15 digits, of which the last were lost before we read it",
    fix="format the column as text in the source and enter the numbers again; the tail can't be restored from here",
    indicator="0301",
)
UNEVEN_RECORD = Rule(
    code="not-a-record",
    title="记录不是键值对象",
    title_en="Not a record",
    template="the item is no object of names and values",
    fix="export a list of objects, or name the path to it as records in the entry's source",
    indicator="0302",
)
SOURCE_CHANGED = Rule(
    code="source-changed",
    title="读取过程中文件被修改",
    title_en="Source changed while it was read",
    template="the file changed while it was read",
    fix="run again once the export has finished",
    indicator="0502",
)
EMPTY_SHEET = Rule(
    code="empty-sheet",
    title="工作表为空",
    title_en="Empty sheet",
    template="the sheet has no cell with a value",
    fix="name the sheet that holds the data in the entry's source",
    indicator="0202",
)
MISSING_HEADER_ROW = Rule(
    code="missing-header-row",
    title="没有这一表头行",
    title_en="Header row beyond the data",
    template="the headings should stand in row {row}, and the last row with a value is {last}",
    fix="set the right header_row in the entry's source",
    indicator="0302",
)
RESERVED_HEADING = Rule(
    code="reserved-heading",
    title="列名被系统占用",
    title_en="Reserved heading",
    template="the heading {column!r} is the name under which rows are numbered",
    fix="rename the column in the source",
    indicator="0302",
)
UNSAFE_ARCHIVE = Rule(
    code="unsafe-archive",
    title="压缩内容异常",
    title_en="Unsafe archive",
    template="the file is not unpacked: {detail}",
    fix="save the workbook anew in a spreadsheet program, or export the data as CSV",
    indicator="0302",
)
OVERSIZED_SHEET = Rule(
    code="oversized-sheet",
    title="工作表范围过大",
    title_en="Oversized sheet",
    template="the sheet's cells reach to row {rows} and column {columns}, which is more than can be read at once",
    fix="delete stray cells far from the table, or export the data as CSV",
    indicator="0302",
)
MACROS = Rule(
    code="macros",
    title="工作簿含宏",
    title_en="Macros",
    template="the workbook carries program code ({part})",
    fix="save it as a workbook without macros",
    indicator="0106",
)
EXTERNAL_LINKS = Rule(
    code="external-links",
    title="工作簿引用外部数据",
    title_en="External links",
    template="the workbook takes values from outside itself ({part}), so what it shows may be stale",
    fix="paste the linked cells as values, remove the links, and save again",
    indicator="0106",
)
EMBEDDED_OBJECT = Rule(
    code="embedded-object",
    title="工作簿嵌有其他文件",
    title_en="Embedded object",
    template="another document is embedded in the workbook ({part})",
    fix="remove the object and save again",
    indicator="0106",
)
MISSING_RECORDS = Rule(
    code="missing-records",
    title="找不到记录列表",
    title_en="Missing records",
    template="there is no list of records at {path}: {detail}",
    fix="name the dotted path to the list as records in the entry's source",
    indicator="0302",
)
DUPLICATE_KEY = Rule(
    code="duplicate-key",
    title="对象中键名重复",
    title_en="Duplicate key",
    template="the object has the name {column!r} twice, so one of its values would be lost",
    fix="rename or remove one of the two in the source",
    indicator="0302",
)
NOT_FINITE = Rule(
    code="not-finite",
    title="数值不是有限数",
    title_en="Number that is not finite",
    template="{value} is no number in JSON (RFC 8259, section 6)",
    fix="write null where there is no value",
    indicator="0302",
)
MISSING_TABLE = Rule(
    code="missing-table",
    title="数据库中没有这个表",
    title_en="Missing table",
    template="the database has no table {table!r} that {user} may read",
    fix="name an existing table (schema.table) in the entry's source, or grant the account SELECT on it",
    indicator="0302",
)
QUERY_REFUSED = Rule(
    code="query-refused",
    title="数据库拒绝查询",
    title_en="Query refused",
    template="the database refused to read {place}: {detail}",
    fix="try the query in the database's own client with the same account, and mend it in the entry's source",
    indicator="0302",
)
CATALOGUE_INCOMPLETE = Rule(
    code="catalogue-incomplete",
    title="目录不完整",
    title_en="Incomplete catalogue",
    template="{resource} can't be read, so that its row would be missing or wrong: {detail}",
    fix="mend it: opendata catalog check shows where",
    indicator="0202",
)
RULES = (
    EMPTY_FILE, NO_ROWS, ENCODING, DOUBTFUL_ENCODING, CONTROL_CHARACTER, RAGGED_ROW, BLANK_ROW, UNCLOSED_QUOTE,
    STRAY_QUOTE, BLANK_HEADING, DUPLICATE_HEADING, AMBIGUOUS_HEADING, AMBIGUOUS_TITLE, NOT_THIS_FORMAT, HIDDEN_SHEET,
    MISSING_SHEET, CELL_ERROR, PRECISION_LOST, UNEVEN_RECORD, SOURCE_CHANGED, EMPTY_SHEET, MISSING_HEADER_ROW,
    RESERVED_HEADING, UNSAFE_ARCHIVE, OVERSIZED_SHEET, MACROS, EXTERNAL_LINKS, EMBEDDED_OBJECT, MISSING_RECORDS,
    DUPLICATE_KEY, NOT_FINITE, MISSING_TABLE, QUERY_REFUSED, CATALOGUE_INCOMPLETE,
)  # fmt: skip
