/** Every sentence of the page, Chinese first; the terms in them are in terms.ts. */
import { TERMS } from './terms.ts'

export type Language = 'zh' | 'en'
export type Pair = readonly [zh: string, en: string]

const SLOT = 'addressbook.language'
let current: Language = localStorage.getItem(SLOT) === 'en' ? 'en' : 'zh'

export const language = (): Language => current

export function setLanguage(next: Language): void {
  current = next
  localStorage.setItem(SLOT, next)
  document.documentElement.lang = next === 'zh' ? 'zh-CN' : 'en'
}

export const pick = (zh: string, en: string): string => (current === 'zh' ? zh : en)

const SENTENCES = {
  title: ['地址簿', 'addressbook'],
  tagline: ['统一地址库', 'the address registry'],
  searchLabel: ['搜索', 'Search'],
  searchHint: ['地址、地名、企业、拼音、编码或经纬度', 'Address, name, firm, pinyin, code or lon,lat'],
  metres: ['{n} 米', '{n} m'],
  area: ['区域', 'Area'],
  searching: ['正在搜索…', 'Searching…'],
  nothingFound: [
    '没有找到“{q}”。试试更短的写法，如路名、小区名。',
    'Nothing found for “{q}”. Try less: a road or a compound.',
  ],
  found: ['找到 {n} 条', '{n} found'],
  partFound: ['没有找到“{missing}”', '“{missing}” not found'],
  openCode: ['打开身份编码 {code}', 'Open identity code {code}'],
  switchLanguage: ['EN', '中文'],
  switchLanguageLabel: ['Switch to English', '切换到中文'],
  changeKey: ['更换密钥', 'Change key'],
  map: ['地图', 'Map'],
  details: ['详情', 'Details'],
  colourBy: ['着色', 'Colour by'],
  counts: ['数量', 'Counts'],
  noData: ['无数据', 'none'],
  loading: ['正在载入…', 'Loading…'],
  retry: ['重试', 'Try again'],
  toDistrict: ['回到全区', 'Whole district'],
  identityCode: ['身份编码', 'Identity code'],
  copy: ['复制', 'Copy'],
  copied: ['已复制', 'Copied'],
  path: ['所在位置', 'Where it is'],
  aliases: ['别名', 'Also known as'],
  noPoint: ['没有坐标', 'No coordinates'],
  located: ['定位到{level}', 'Located to the {level}'],
  road: ['临路', 'On the street'],
  plates: ['沿街门牌', 'Door plates along it'],
  notListed: ['此密钥只能看到数量。', 'This key sees the count only.'],
  source: ['来源', 'Source'],
  linkBegan: ['登记于此', 'began here'],
  linkEnded: ['不再在此', 'ended here'],
  children: ['下级地址', 'Addresses below'],
  more: ['另有 {n} 个', '{n} more'],
  moreRows: ['另有 {n} 条未列出', '{n} more not listed'],
  rooms: ['楼盘表', 'Building table'],
  unit: ['{n}单元', 'Entrance {n}'],
  noUnit: ['不分单元', 'No unit'],
  allRooms: ['户室', 'Rooms'],
  withPersons: ['有人登记', 'With residents'],
  withEnterprises: ['有企业', 'With enterprises'],
  ofWholeBuilding: ['全表合计', 'The whole table'],
  rentNote: ['¥ 为每月租金（元）', '¥: rent in yuan a month'],
  tenureWithheld: ['此密钥看不到各户的使用状态与租金。', 'This key sees no tenure and no rent of the rooms.'],
  roomsCut: ['表中只有前 {n} 户，合计也只计这些。', 'The table and its sums are of the first {n} rooms only.'],
  rent: ['月租 {n} 元', '{n} yuan a month'],
  flags: ['记录核对', 'Records to look at again'],
  flagsAt: ['{n} 处：', 'at {n}: '],
  flagsWithheld: ['此密钥看不到记录核对提示。', 'This key is told nothing of records to look at again.'],
  floorHead: ['层', 'Floor'],
  noFloor: ['未分层', 'No floor'],
  elementsHere: ['人房企事物', 'People, houses, enterprises, events, things'],
  nothingHere: ['此处还没有关联的要素。', 'Nothing is linked here yet.'],
  masked: ['个人信息已脱敏', 'Personal data is masked'],
  why: ['为什么关联到这里', 'Why it is linked here'],
  receivedText: ['原文', 'As received'],
  noReasons: ['与登记的地址完全一致。', 'The same as the registered address.'],
  at: ['在', 'at'],
  timeline: ['时间线', 'Timeline'],
  endedSince: ['自 {day} 起{state}', '{state} since {day}'],
  successors: ['后继地址', 'What became of it'],
  predecessors: ['前身地址', 'What it was before'],
  notInParts: ['另有 {n} 条只到本级，未到下级区域', '{n} more reach this area but none of these'],
  childAreas: ['下级区域', 'Areas within'],
  byCategory: ['按类别', 'By category'],
  byMonth: ['按月', 'By month'],
  byYear: ['按年', 'By year'],
  countsLinks: [
    '按关联计数：同一对象有两种关系（如现住与户籍）的计两次。',
    'Counted by link: what is here in two roles (living, registered) counts twice.',
  ],
  byRole: ['按关系', 'By role'],
  monthCompared: [
    '{month}：{n}，环比 {before}，同比 {lastYear}',
    '{month}: {n}; on the month before {before}, on a year before {lastYear}',
  ],
  month: ['月份', 'Month'],
  number: ['数量', 'Count'],
  per10000: ['每万人', 'Per 10,000'],
  monthOnMonth: ['环比', 'On month'],
  yearOnYear: ['同比', 'On year'],
  months: ['逐月数字（最近 {n} 个月）', 'Month by month (the latest {n})'],
  rate: ['每万人 {n}', '{n} for every 10,000 residents'],
  mapTools: ['地图工具', 'Map tools'],
  heat: ['热力', 'Heat'],
  heatLabel: ['热力图', 'Heat map'],
  heatWithheld: ['此密钥看不到{kind}的热力。', 'This key sees no heat of: {kind}.'],
  rateLabel: ['按每万人着色', 'Colour by the rate for every 10,000 residents'],
  drawPolygon: ['画范围', 'Area'],
  drawPolygonLabel: ['在地图上画一个范围', 'Draw an area on the map'],
  drawLine: ['画沿线', 'Line'],
  drawLineLabel: ['画一条线，看两侧若干米内', 'Draw a line and see what lies within so many metres'],
  drawHintPolygon: [
    '点击地图逐个加角点；双击、点回起点或按回车完成，退格撤销，Esc 退出。',
    'Click corner after corner; end with a double click, the first corner or Enter; Backspace undoes, Esc leaves.',
  ],
  drawHintLine: [
    '点击地图逐个加点（一个点即为圆）；双击或按回车完成，退格撤销，Esc 退出。',
    'Click point after point (one alone is a circle); end with a double click or Enter; Backspace undoes, Esc leaves.',
  ],
  drawMorePolygon: ['范围至少要三个角点。', 'An area has at least three corners.'],
  drawMoreLine: ['请先在地图上点至少一个点。', 'Click at least one point on the map first.'],
  drawCrosses: [
    '边界自相交：请撤销最后一点，换个位置再点。',
    'The outline crosses itself: undo the last corner and put it elsewhere.',
  ],
  drawWidth: ['缓冲距离应为 1 到 {most} 米。', 'The width is 1 to {most} metres.'],
  points: ['坐标（经度,纬度）', 'Points (lon,lat)'],
  pointsWrong: [
    '坐标写成“经度,纬度”，各点之间空一格，如 120.26,30.18 120.27,30.19。',
    'Write points as lon,lat with a blank between: 120.26,30.18 120.27,30.19.',
  ],
  listTooFine: [
    '这个范围的边界太细，无法列清单；请画得简单些，或按行政区划列。',
    'The outline has too many corners to list what lies within: draw a simpler one, or list by division.',
  ],
  buffer: ['两侧（米）', 'Width (m)'],
  undo: ['撤销一点', 'Undo'],
  finish: ['完成', 'Done'],
  cancel: ['取消', 'Cancel'],
  drawnArea: ['所画范围', 'The area drawn'],
  drawnLine: ['沿线 {n} 米内', 'Within {n} m of the line'],
  drawnPoint: ['一点周围 {n} 米内', 'Within {n} m of the point'],
  drawnNote: [
    '按坐标统计：只计有坐标的地址及其关联。',
    'Counted by coordinates: addresses that have some, and what is linked to them.',
  ],
  size: ['面积 {n}', '{n}'],
  drawAgain: ['重画', 'Draw again'],
  clearDrawn: ['清除', 'Clear'],
  compareParts: ['对比下级区域', 'Compare these areas'],
  compareChosen: ['对比所选（{n}）', 'Compare those chosen ({n})'],
  compareLimits: ['请选 2 到 {most} 个区域。', 'Choose 2 to {most} areas.'],
  chooseAll: ['全选', 'All'],
  chooseNone: ['全不选', 'None'],
  comparison: ['区域对比', 'Areas side by side'],
  compareKind: ['对比什么', 'What'],
  compareBy: ['分列方式', 'Columns'],
  rank: ['名次', 'Rank'],
  areaName: ['区域', 'Area'],
  residents: ['常住', 'Residents'],
  total: ['合计', 'Total'],
  sortHint: ['点列名排序。“—”为不公开或无法计算。', 'Click a column to sort. A dash is withheld or cannot be told.'],
  downloadCsv: ['下载 CSV', 'Download CSV'],
  list: ['清单', 'List'],
  listOf: ['{kind}清单', 'List: {kind}'],
  openList: ['查看{kind}清单与导出', 'List and export: {kind}'],
  lists: ['清单与导出', 'Lists and exports'],
  backTo: ['返回 {name}', 'Back to {name}'],
  listEmpty: ['此处没有{kind}。', 'Nothing of this kind here: {kind}.'],
  listTotal: ['共 {n} 条', '{n} in all'],
  pageOf: ['第 {n} 页', 'Page {n}'],
  pageBefore: ['上一页', 'Previous'],
  pageAfter: ['下一页', 'Next'],
  export: ['导出', 'Export'],
  format: ['格式', 'Format'],
  inBackground: ['后台导出（适合数量大的清单）', 'In the background (for long lists)'],
  exportRows: ['已写 {n} 条', '{n} rows written'],
  exportRowsOf: ['已写 {n} 条，预计约 {all} 条', '{n} rows written, of about {all}'],
  exportFile: ['下载 {name}', 'Download {name}'],
  exportNote: ['链接 24 小时内有效；个人信息在导出中同样脱敏并留痕。', 'The link is good for 24 hours; personal data is masked in exports too, and reads of it are on record.'],
  notLocated: ['其中 {n} 条还没有落到地址', '{n} of them not yet at an address'],
  noCategory: ['未分类', 'Uncategorised'],
  perMonth: ['{month}：{n}', '{month}: {n}'],
  keyWrong: ['这个密钥无效或已过期，请核对后再试。', 'This key is not valid, or has expired. Check it and try again.'],
  keyMayNot: ['这个密钥没有权限查看这里。', 'This key may not see this.'],
  offline: ['连不上服务，请检查网络后重试。', 'The service cannot be reached. Check the network and try again.'],
  failed: ['服务出错（{status}），请稍后再试。', 'The service failed ({status}). Try again later.'],
  mapFailed: [
    '此浏览器无法显示地图（需要 WebGL）；列表和查询仍可使用。',
    'This browser cannot draw the map (it needs WebGL); lists and search still work.',
  ],
  skip: ['跳到详情', 'Skip to details'],
} satisfies Record<string, Pair>

export type SentenceName = keyof typeof SENTENCES

/** The sentence in the language in use, with `{name}` filled in. */
export function t(name: SentenceName, values: Record<string, string | number> = {}): string {
  const [zh, en] = SENTENCES[name]
  return pick(zh, en).replace(/\{(\w+)\}/g, (whole, key: string) => String(values[key] ?? whole))
}

/** A term of the registry in the language in use; what is not in the table is shown as it came. */
export function term(table: string, value: string): string {
  const pair = TERMS[table]?.[value]
  return pair ? pick(pair[0], pair[1]) : value
}

/** A change as a share, as people say it: +50%, -12.5%; nothing can be said of a rise from nothing. */
export const change = (share: number | null): string =>
  share === null ? '—' : `${share > 0 ? '+' : ''}${Number((share * 100).toFixed(1))}%`

/** Square metres, or square kilometres where they are many. */
export const size = (m2: number): string =>
  m2 < 100_000 ? `${count(Math.round(m2))} m²` : `${Number((m2 / 1e6).toFixed(2)).toLocaleString('en-US')} km²`

/** A rent as the service has it, "" where it has none. */
export const rent = (yuan: unknown): string => (typeof yuan === 'number' ? t('rent', { n: count(yuan) }) : '')

/** Thousands apart, the same in both languages; a withheld count is a dash. */
export const count = (n: number | null): string => (n === null ? '—' : n.toLocaleString('en-US'))
