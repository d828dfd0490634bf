/** What the areas are coloured by, and which colour a number has. */
import type { ExpressionSpecification } from 'maplibre-gl'
import type { Kind } from './model.ts'

export const RAMP = ['#edf2ee', '#cfe2da', '#a3cbc0', '#6fada2', '#3d8a82', '#155f5a'] as const

/** Levels of areas from the widest to the smallest; each is a set of map layers. */
export const LEVELS = ['cities', 'counties', 'towns', 'communities'] as const
export type Level = (typeof LEVELS)[number]

/** A count, or the count for every 10,000 residents. */
export interface Colouring {
  kind: Kind
  per10000: boolean
}

type Properties = Record<string, unknown>

/** Of people there is no rate: residents are people. */
const isRate = ({ kind, per10000 }: Colouring): boolean => per10000 && kind !== 'person'

const numberOf = (value: unknown): number => (typeof value === 'number' ? value : 0)

/** The number of an area as its tile says it; 0 where it is withheld or has no rate. */
function valueOf(of: Properties, colouring: Colouring): number {
  const [counted, residents] = [numberOf(of[colouring.kind]), numberOf(of['residents'])]
  if (!isRate(colouring)) return counted
  return residents > 0 ? (counted * 10_000) / residents : 0
}

function valueExpression(colouring: Colouring): ExpressionSpecification {
  const counted: ExpressionSpecification = ['coalesce', ['get', colouring.kind], 0]
  if (!isRate(colouring)) return counted
  const residents: ExpressionSpecification = ['coalesce', ['get', 'residents'], 0]
  return ['case', ['>', residents, 0], ['/', ['*', counted, 10_000], residents], 0]
}

/** The areas that tiles have shown so far, by level: what the classes of colours are made of. */
export class Seen {
  #areas = new Map<Level, Map<string, Properties>>(LEVELS.map((level) => [level, new Map()]))

  add(level: Level, properties: Properties): void {
    this.#areas.get(level)?.set(String(properties['code']), properties)
  }

  clear(): void {
    for (const areas of this.#areas.values()) areas.clear()
  }

  breaks(level: Level, colouring: Colouring): number[] {
    return breaksOf([...(this.#areas.get(level)?.values() ?? [])].map((of) => valueOf(of, colouring)))
  }
}

/** Class breaks that put about the same number of areas in each colour; at most as many as the ramp has steps. */
export function breaksOf(values: number[]): number[] {
  const sorted = values.filter((v) => v > 0).toSorted((a, b) => a - b)
  const steps = RAMP.length - 1
  const picked = Array.from({ length: steps }, (_, i) =>
    roundDown(sorted[Math.floor((i * sorted.length) / steps)] ?? 0),
  )
  return [...new Set(picked)].filter((v) => v > 0)
}

/** Two leading digits, so that a legend can be read: 1,234 → 1,200. */
function roundDown(value: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, value))) - 1)
  return Math.floor(value / unit) * unit
}

/** The colour of the class above the `index`-th break; -1 is below all. */
export function colourAt(index: number, breaks: number[]): string {
  const last = RAMP.length - 1
  const at = index < 0 ? 0 : breaks.length <= 1 ? last - 2 : 1 + Math.round((index * (last - 1)) / (breaks.length - 1))
  return RAMP[at] ?? RAMP[0]
}

export function fillColour(colouring: Colouring, breaks: number[]): ExpressionSpecification | string {
  if (breaks.length === 0) return colourAt(-1, breaks)
  const stops = breaks.flatMap((value, i) => [value, colourAt(i, breaks)])
  return ['step', valueExpression(colouring), colourAt(-1, breaks), ...stops] as unknown as ExpressionSpecification
}
