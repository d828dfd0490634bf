"""Texts that are no address, or hardly: what people and machines put into the address column all the same."""

from __future__ import annotations

ROOM = "浙江省杭州市萧山区北干街道市心北路260号南岸明珠3幢1单元502室"

NO_ADDRESS = {
    "empty": "",
    "spaces": " \u3000\t ",
    "only noise": "收货地址：（放门口）谢谢",
    "placeholder": "无",
    "emoji": "😀🏠👨‍👩‍👧",
    "control characters": "\x01\x02\x1b[31m\x7f",
    "marks of direction": "\u202e\u200f\u2066\u2069",
    "lone surrogates": "\ud800\udfff",
    "only punctuation": "，。；！？……——（）",
    "telephone": "13812345678",
    "telephone with words": "联系电话：0571-82345678",
    "formula": '=HYPERLINK("http://example.invalid","点我")',
    "html": "<script>alert(1)</script><b>&nbsp;</b>",
    "sql": "'; DROP TABLE address; --",
    "format": "%s%n{0}{expected}\\N{BULLET}",
    "long number": "9" * 10_000,
    "long word": "A" * 10_000,
    "long name": "路" * 10_000,
    "long chain": "1-" * 5_000,
    "long brackets": "(" * 5_000 + ")" * 5_000,
    "combining": "a" + "\u0301" * 9_999,
}
"""Nothing in these is a place: D, or C where a word of them could be one; never A or B."""

HARDLY = {
    "english": "Room 502, Unit 1, Building 3, Nan'an Mingzhu, No. 260 Shixin North Road, Xiaoshan District, Hangzhou",
    "pinyin": "zhejiang hangzhou xiaoshan shixinbeilu 260 hao 3 zhuang 502 shi",
    "two addresses": f"{ROOM}；{ROOM.replace('3幢', '13幢').replace('502', '504')}",
    "long and then some": f"{ROOM}，{'谢谢' * 4_900}",
    "address in html": f"<td>{ROOM}</td>",
    "address behind a formula": f"={ROOM}",
    "address in emoji": f"🏠{ROOM}😀",
    "address among marks": f"\u202e{ROOM}\u202c",
    "address with surrogates": f"\ud83d{ROOM}",
    "address with controls": f"\x1b[1m{ROOM}\x00",
}
"""An address is in these, or was meant: whatever the answer, it has a reason."""

TRADITIONAL = "浙江省杭州市蕭山區北幹街道市心北路２６０號南岸明珠３幢１單元５０２室"
ALL_TEXTS = {**NO_ADDRESS, **HARDLY, "traditional": TRADITIONAL}
