/** Where the page is: an area or an address, held in the URL's hash, so that back, forward and a bookmark work. */

export type Route = { kind: 'area'; code: string } | { kind: 'address'; aid: string }

/** The route a hash names, or null: `#area=330109001000`, `#address=B7K3M9QXW2HF`. */
export function parseRoute(hash: string): Route | null {
  const parts = new URLSearchParams(hash.replace(/^#/, ''))
  const aid = parts.get('address')
  if (aid) return { kind: 'address', aid: cleanAid(aid) }
  const code = parts.get('area')
  return code ? { kind: 'area', code: padCode(code) } : null
}

export const areaHash = (code: string): string => `#area=${encodeURIComponent(code)}`
export const addressHash = (aid: string): string => `#address=${encodeURIComponent(aid)}`

export function printRoute(route: Route): string {
  return route.kind === 'area' ? areaHash(route.code) : addressHash(route.aid)
}

/** A division code with the zeros people leave out. */
export function padCode(code: string): string {
  return /^\d{1,12}$/.test(code) ? code.padEnd(12, '0') : code
}

/** The county that a division code lies in, the code itself when it is a county or wider. */
export function baseOf(code: string): string {
  return /^\d{12}$/.test(code) ? padCode(code.slice(0, 6)) : code
}

/** An identity code as typed: capitals, no spaces or hyphens, and the four look-alikes put right (DESIGN section 3). */
export function cleanAid(text: string): string {
  const alike: Record<string, string> = { O: '0', I: '1', S: '5', Z: '2' }
  return text
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[\s\-‐-―]/g, '')
    .replace(/[OISZ]/g, (letter) => alike[letter] ?? letter)
}

/** Whether a typed text can only be meant as an identity code. */
export function looksLikeAid(text: string): boolean {
  return /^[RCDBEFHP][0-9A-HJ-NP-RTUWXY]{11}$/.test(cleanAid(text))
}

/** B7K3M9QXW2HF printed as people read it: B7K3-M9QX-W2HF. */
export function printAid(aid: string): string {
  return aid.replace(/(.{4})(?=.)/g, '$1-')
}
