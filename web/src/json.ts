/** Reading JSON of which only the general shape is trusted: what is missing or of another type reads as empty. */

export type Fields = Record<string, unknown>

export function fields(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {}
}

export const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])
export const records = (value: unknown): Fields[] => list(value).map(fields)
export const text = (value: unknown): string =>
  typeof value === 'string' ? value : typeof value === 'number' ? String(value) : ''
export const number = (value: unknown): number => (typeof value === 'number' ? value : 0)
/** A count; null, where the service withholds it, stays null. */
export const countOf = (value: unknown): number | null => (value === null ? null : number(value))
/** The texts that are not empty. */
export const filled = (...texts: string[]): string[] => texts.filter((part) => part !== '')
