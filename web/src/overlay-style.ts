/** What lies on top of the map: what is chosen, and what is being drawn. */
import type { ExpressionSpecification, LayerSpecification } from 'maplibre-gl'

export const SEAL = '#b5402f'
/** The first of these layers: all others go below it. */
export const TOP = 'chosen-buffer'

/** What is chosen, and what is being drawn; a width in metres is twice as many pixels with each zoom. */
export function overlayLayers(): LayerSpecification[] {
  const of = (type: 'Point' | 'LineString' | 'Polygon'): ExpressionSpecification => ['==', ['geometry-type'], type]
  const wide = (times: number): ExpressionSpecification => [
    'interpolate',
    ['exponential', 2],
    ['zoom'],
    0,
    ['*', times, ['coalesce', ['get', 'wide'], 0]],
    22,
    ['*', times * 2 ** 22, ['coalesce', ['get', 'wide'], 0]],
  ]
  const isWide: ExpressionSpecification = ['has', 'wide']
  return ['chosen', 'drawing'].flatMap((source): LayerSpecification[] => [
    {
      id: `${source}-buffer`,
      type: 'line',
      source,
      filter: ['all', of('LineString'), isWide],
      layout: { 'line-cap': 'round', 'line-join': 'round' },
      paint: { 'line-color': SEAL, 'line-opacity': 0.2, 'line-width': wide(2) },
    },
    {
      id: `${source}-circle`,
      type: 'circle',
      source,
      filter: ['all', of('Point'), isWide],
      paint: { 'circle-color': SEAL, 'circle-opacity': 0.2, 'circle-radius': wide(1) },
    },
    {
      id: `${source}-area`,
      type: 'fill',
      source,
      filter: ['all', of('Polygon'), ['==', ['get', 'drawn'], true]],
      paint: { 'fill-color': SEAL, 'fill-opacity': 0.12 },
    },
    {
      id: `${source}-line`,
      type: 'line',
      source,
      filter: ['!=', ['geometry-type'], 'Point'],
      paint: { 'line-color': SEAL, 'line-width': 2.6 },
    },
    {
      id: `${source}-ring`,
      type: 'circle',
      source,
      filter: ['all', of('Point'), ['!', ['has', 'corner']]],
      paint: { 'circle-radius': 15, 'circle-color': SEAL, 'circle-opacity': 0.18 },
    },
    {
      id: `${source}-point`,
      type: 'circle',
      source,
      filter: of('Point'),
      paint: {
        'circle-radius': ['case', ['has', 'corner'], 5, 7],
        'circle-color': SEAL,
        'circle-stroke-color': '#fffdf7',
        'circle-stroke-width': 2,
      },
    },
  ])
}
