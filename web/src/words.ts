/** Every sentence and term of the page, Chinese first. Terms are those of DESIGN section 2. */

export type Language = 'zh' | 'en'
type Pair = readonly [zh: string, en: string]

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
  openCode: ['打开身份编码 {code}', 'Open identity code {code}'],
  switchLanguage: ['EN', '中文'],
  switchLanguageLabel: ['Switch to English', '切换到中文'],
  changeKey: ['更换密钥', 'Change key'],
  map: ['地图', 'Map'],
  details: ['详情', 'Details'],
  colourBy: ['着色', 'Colour by'],
  counts: ['数量', 'Counts'],
  noData: ['无数据', 'none'],
  truncated: ['此处地址太多，只显示一部分，请放大。', 'Too many addresses here to show all: zoom in.'],
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
    '{month} {n} 起，上月 {before}，去年同月 {lastYear}',
    '{month}: {n}; the month before {before}; a year before {lastYear}',
  ],
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

const TERMS: Record<string, Record<string, Pair>> = {
  addressKind: {
    R: ['街路巷', 'Street'],
    C: ['小区院落', 'Compound'],
    D: ['门牌', 'Door plate'],
    B: ['楼幢', 'Building'],
    E: ['单元', 'Entrance'],
    F: ['楼层', 'Floor'],
    H: ['户室', 'Room'],
    P: ['其他地点', 'Place'],
  },
  state: {
    provisional: ['拟建', 'Provisional'],
    current: ['在用', 'Current'],
    retired: ['停用', 'Retired'],
    rejected: ['未采用', 'Rejected'],
    void: ['作废', 'Void'],
  },
  kind: {
    address: ['地址', 'Addresses'],
    person: ['人', 'People'],
    house: ['房', 'Houses'],
    enterprise: ['企', 'Firms'],
    event: ['事', 'Events'],
    thing: ['物', 'Things'],
  },
  kindLong: {
    address: ['地址', 'Addresses'],
    person: ['人口', 'People'],
    house: ['房屋', 'Houses'],
    enterprise: ['企业', 'Enterprises'],
    event: ['事件', 'Events'],
    thing: ['物品设备', 'Things'],
  },
  role: {
    residence: ['现住', 'Living here'],
    household_registration: ['户籍', 'Household registered here'],
    registered: ['注册地', 'Registered here'],
    operating: ['经营地', 'Operating here'],
    occurred_at: ['事发地', 'Happened here'],
    located_at: ['所在地', 'Located here'],
  },
  level: {
    none: ['无', 'nothing'],
    province: ['省', 'province'],
    city: ['市', 'city'],
    county: ['区县', 'county'],
    town: ['镇街', 'town'],
    community: ['村社', 'community'],
    road: ['道路', 'road'],
    place: ['地点', 'place'],
    door_plate: ['门牌', 'door plate'],
    building: ['楼幢', 'building'],
    entrance: ['单元', 'entrance'],
    floor: ['楼层', 'floor'],
    room: ['户室', 'room'],
    point: ['点', 'point'],
  },
  match: {
    A: ['完全一致', 'Exact'],
    B: ['稳妥', 'Safe'],
    C: ['存疑', 'Unsure'],
    D: ['无匹配', 'None'],
  },
  sex: {
    male: ['男', 'male'],
    female: ['女', 'female'],
  },
  occupancy: {
    lived_in: ['有人登记', 'Registered residents'],
    enterprise: ['企业', 'Enterprise'],
    empty: ['无登记', 'None registered'],
    withheld: ['不公开', 'Withheld'],
  },
}

/** A term of the registry in the language in use; what is not in the table is shown as it came. */
export function term(table: string, value: string): string {
  const pair = TERMS[table]?.[value]
  return pair ? pick(pair[0], pair[1]) : value
}

/** Thousands apart, the same in both languages; a withheld count is a dash. */
export const count = (n: number | null): string => (n === null ? '—' : n.toLocaleString('en-US'))
