/** What somebody draws: a polygon by its corners, or a line (or a point) with a width; longitude first, in degrees. */
import type { Geometry, Position } from 'geojson'

export type Point = [lon: number, lat: number]

/** `bufferM` is null for a polygon, which is closed by itself; else so many metres on either side of a line. */
export interface Outline {
  points: Point[]
  bufferM: number | null
}

export const MOST_BUFFER_M = 10_000
const EARTH_EQUATOR_M = 40_075_016.7
const TILE_PIXELS = 512

/** A millionth of a degree is a hand's breadth. */
const written = (degrees: number): string => String(Number(degrees.toFixed(6)))
/** Finer than anybody draws: what was counted is listed, to the last address on its edge. */
const exactly = (degrees: number): string => String(Number(degrees.toFixed(9)))

/** As it stands in the hash: `drawn=120.26,30.18;120.27,30.19&buffer=50`. */
export function printOutline(outline: Outline): string {
  const points = outline.points.map((point) => point.map(written).join(',')).join(';')
  return `drawn=${points}${outline.bufferM === null ? '' : `&buffer=${outline.bufferM}`}`
}

/** The outline of a hash, or null where it is none. */
export function readOutline(text: string, buffer: string | null): Outline | null {
  const points = readPoints(text)
  const bufferM = buffer === null ? null : Number(buffer)
  if (points === null || Number.isNaN(bufferM)) return null
  return { points, bufferM }
}

/** Points as typed or as in a hash, `120.26,30.18 120.27,30.19` with blanks or semicolons between; null where none is. */
export function readPoints(text: string): Point[] | null {
  const points = text
    .normalize('NFKC')
    .split(/[\s;]+/)
    .filter((point) => point !== '')
    .map((point) => point.split(',').map((degrees) => (degrees === '' ? NaN : Number(degrees))))
  const whole = points.every((point) => point.length === 2 && point.every(Number.isFinite))
  return points.length > 0 && whole ? (points as Point[]) : null
}

/** Points as people type them. */
export const typedPoints = (points: Point[]): string => points.map((point) => point.map(written).join(',')).join(' ')

export const onEarth = ([lon, lat]: Point): boolean => Math.abs(lon) <= 180 && Math.abs(lat) <= 90

export function geometryOf({ points, bufferM }: Outline): Geometry {
  const [first] = points
  if (bufferM === null) return { type: 'Polygon', coordinates: [[...points, ...(first ? [first] : [])]] }
  if (first && points.length === 1) return { type: 'Point', coordinates: first }
  return { type: 'LineString', coordinates: points }
}

/** An area in the words of CQL2; null of what is none. */
export function wellKnownText(geometry: Geometry): string | null {
  const ring = (corners: Position[]): string => `(${corners.map((corner) => corner.map(exactly).join(' ')).join(',')})`
  const polygon = (rings: Position[][]): string => `(${rings.map(ring).join(',')})`
  if (geometry.type === 'Polygon') return `POLYGON${polygon(geometry.coordinates)}`
  return geometry.type === 'MultiPolygon' ? `MULTIPOLYGON(${geometry.coordinates.map(polygon).join(',')})` : null
}

/** The width of a metre's buffer at zoom 0 in pixels: twice as wide with each zoom. */
export function pixelsAtZoom0({ points, bufferM }: Outline): number {
  const latitude = ((points[0]?.[1] ?? 0) * Math.PI) / 180
  return ((bufferM ?? 0) * TILE_PIXELS) / (EARTH_EQUATOR_M * Math.cos(latitude))
}

/** Whether a line through these points crosses or touches itself; with `closed` the way back to the first one too. */
export function crosses(points: Position[], closed: boolean): boolean {
  const ends = closed ? [...points, points[0] as Position] : points
  const sides = ends.slice(1).map((end, i): [Position, Position] => [ends[i] as Position, end])
  return sides.some((one, i) =>
    sides.slice(i + 2).some((other, j) => !(closed && i === 0 && i + 2 + j === sides.length - 1) && meet(one, other)),
  )
}

function meet([a, b]: [Position, Position], [c, d]: [Position, Position]): boolean {
  const [sideC, sideD, sideA, sideB] = [turn(a, b, c), turn(a, b, d), turn(c, d, a), turn(c, d, b)]
  if (sideC === 0 && sideD === 0) return overlapping(a, b, c, d)
  return sideC * sideD <= 0 && sideA * sideB <= 0
}

/** Left, right or straight on: the sign of the turn at `b` on the way from `a` to `c`. */
function turn([ax = 0, ay = 0]: Position, [bx = 0, by = 0]: Position, [cx = 0, cy = 0]: Position): number {
  return Math.sign((bx - ax) * (cy - ay) - (by - ay) * (cx - ax))
}

/** Of four points on one line: whether the stretch from `a` to `b` has a part in common with that from `c` to `d`. */
function overlapping(a: Position, b: Position, c: Position, d: Position): boolean {
  const within = (axis: 0 | 1): boolean =>
    Math.max(Math.min(a[axis] ?? 0, b[axis] ?? 0), Math.min(c[axis] ?? 0, d[axis] ?? 0)) <=
    Math.min(Math.max(a[axis] ?? 0, b[axis] ?? 0), Math.max(c[axis] ?? 0, d[axis] ?? 0))
  return within(0) && within(1)
}
