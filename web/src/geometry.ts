/** Boxes and label points of GeoJSON geometries, longitude and latitude in degrees. */
import type { Feature, FeatureCollection, Geometry, Position } from 'geojson'

export type Box = [west: number, south: number, east: number, north: number]

function rings(geometry: Geometry): Position[][] {
  if (geometry.type === 'Polygon') return geometry.coordinates.slice(0, 1)
  if (geometry.type === 'MultiPolygon') return geometry.coordinates.flatMap((polygon) => polygon.slice(0, 1))
  return geometry.type === 'Point' ? [[geometry.coordinates]] : []
}

/** The box around all features, or null when they have no outline. */
export function boxOf(features: Feature[]): Box | null {
  const box: Box = [Infinity, Infinity, -Infinity, -Infinity]
  for (const [lon = 0, lat = 0] of features.flatMap((f) => rings(f.geometry)).flat()) {
    box[0] = Math.min(box[0], lon)
    box[1] = Math.min(box[1], lat)
    box[2] = Math.max(box[2], lon)
    box[3] = Math.max(box[3], lat)
  }
  return box[0] <= box[2] ? box : null
}

export const overlap = (a: Box, b: Box): boolean => a[0] <= b[2] && b[0] <= a[2] && a[1] <= b[3] && b[1] <= a[3]

/** Twice the signed area of a ring, and its centroid. */
function centroid(ring: Position[]): { weight: number; at: Position } {
  const [x0 = 0, y0 = 0] = ring[0] ?? []
  let weight = 0
  let [x, y] = [0, 0]
  for (let i = 1; i < ring.length; i += 1) {
    // Relative to the first corner: differences of degrees would drown in products of a hundred and more.
    const [ax, ay] = [(ring[i - 1]?.[0] ?? 0) - x0, (ring[i - 1]?.[1] ?? 0) - y0]
    const [bx, by] = [(ring[i]?.[0] ?? 0) - x0, (ring[i]?.[1] ?? 0) - y0]
    const cross = ax * by - bx * ay
    weight += cross
    x += (ax + bx) * cross
    y += (ay + by) * cross
  }
  if (weight === 0) return { weight, at: [x0, y0] }
  return { weight: Math.abs(weight), at: [x0 + x / (3 * weight), y0 + y / (3 * weight)] }
}

/** One point for each area, in its largest part: a label set on the polygon itself is repeated in every tile. */
export function labelPoints(areas: FeatureCollection): FeatureCollection {
  const features = areas.features.flatMap((feature): Feature[] => {
    const parts = rings(feature.geometry)
      .map(centroid)
      .toSorted((a, b) => b.weight - a.weight)
    const largest = parts[0]
    return largest ? [{ ...feature, geometry: { type: 'Point', coordinates: largest.at } }] : []
  })
  return { type: 'FeatureCollection', features }
}
