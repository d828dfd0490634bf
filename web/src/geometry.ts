/** Boxes of GeoJSON features, longitude and latitude in degrees. */
import type { Feature, Geometry, Position } from 'geojson'

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
