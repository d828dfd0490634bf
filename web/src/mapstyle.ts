/** How the map looks: the district's own data on plain paper. No tiles, sprites or glyphs from anywhere. */
import type { ExpressionSpecification, FilterSpecification, LayerSpecification, StyleSpecification } from 'maplibre-gl'
import type { FeatureCollection } from 'geojson'
import type { Kind } from './model.ts'

export const RAMP = ['#edf2ee', '#cfe2da', '#a3cbc0', '#6fada2', '#3d8a82', '#155f5a'] as const
const PAPER = '#f4f2ec'
const INK = '#22302e'
const SEAL = '#b5402f'
/** Font stacks only name a weight here: with no glyph server every character is drawn by the browser. */
const FONT = ['Noto Sans CJK SC']
const BOLD = ['Noto Sans CJK SC Bold']

/** From this zoom on communities take over from towns, streets and compounds appear, then everything else. */
export const ZOOM = { communities: 11.5, names: 13, addresses: 15.2, plates: 17 } as const

export const EMPTY: FeatureCollection = { type: 'FeatureCollection', features: [] }

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

export function fillColour(kind: Kind, breaks: number[]): ExpressionSpecification | string {
  if (breaks.length === 0) return colourAt(-1, breaks)
  const stops = breaks.flatMap((value, i) => [value, colourAt(i, breaks)])
  return ['step', ['coalesce', ['get', kind], 0], colourAt(-1, breaks), ...stops] as unknown as ExpressionSpecification
}

const of = (...kinds: string[]): FilterSpecification => ['in', ['get', 'kind'], ['literal', kinds]]

const HALO = { 'text-halo-color': '#fffdf7', 'text-halo-width': 1.6 } as const

export function mapStyle(): StyleSpecification {
  const source = (): { type: 'geojson'; data: FeatureCollection; promoteId: string } => ({
    type: 'geojson',
    data: EMPTY,
    promoteId: 'code',
  })
  return {
    version: 8,
    sources: {
      towns: source(),
      communities: source(),
      'towns-names': source(),
      'communities-names': source(),
      addresses: { type: 'geojson', data: EMPTY, promoteId: 'aid' },
      chosen: { type: 'geojson', data: EMPTY },
    },
    layers: [
      { id: 'paper', type: 'background', paint: { 'background-color': PAPER } },
      ...areaLayers(),
      ...addressLayers(),
      ...chosenLayers(),
    ],
  }
}

function areaLayers(): LayerSpecification[] {
  const hover: ExpressionSpecification = ['case', ['boolean', ['feature-state', 'hover'], false], 0.12, 0]
  const fade = (from: number, to: number): ExpressionSpecification => [
    'interpolate',
    ['linear'],
    ['zoom'],
    12.5,
    from,
    15,
    to,
  ]
  return [
    {
      id: 'towns-fill',
      type: 'fill',
      source: 'towns',
      paint: { 'fill-color': RAMP[0], 'fill-opacity': fade(0.9, 0.1) },
    },
    {
      id: 'communities-fill',
      type: 'fill',
      source: 'communities',
      minzoom: ZOOM.communities,
      paint: { 'fill-color': RAMP[0], 'fill-opacity': fade(0.9, 0.1) },
    },
    { id: 'towns-hover', type: 'fill', source: 'towns', paint: { 'fill-color': INK, 'fill-opacity': hover } },
    {
      id: 'communities-hover',
      type: 'fill',
      source: 'communities',
      minzoom: ZOOM.communities,
      paint: { 'fill-color': INK, 'fill-opacity': hover },
    },
    {
      id: 'communities-line',
      type: 'line',
      source: 'communities',
      minzoom: ZOOM.communities,
      paint: { 'line-color': '#fffdf7', 'line-width': 1.1 },
    },
    {
      id: 'towns-line',
      type: 'line',
      source: 'towns',
      paint: { 'line-color': '#fffdf7', 'line-width': ['interpolate', ['linear'], ['zoom'], 9, 1.2, 14, 3] },
    },
  ]
}

function addressLayers(): LayerSpecification[] {
  const label = { 'text-font': FONT, 'text-field': ['get', 'name'] as ExpressionSpecification, 'text-padding': 4 }
  return [
    {
      id: 'points',
      type: 'circle',
      source: 'addresses',
      minzoom: ZOOM.addresses,
      filter: of('B', 'D', 'P', 'C'),
      paint: {
        'circle-radius': [
          'interpolate',
          ['linear'],
          ['zoom'],
          15,
          ['match', ['get', 'kind'], 'C', 4, 2.4],
          18,
          ['match', ['get', 'kind'], 'C', 7, 5.5],
        ],
        'circle-color': ['match', ['get', 'kind'], 'B', '#2f6f9f', 'C', '#155f5a', 'P', '#b9822b', '#6d7a77'],
        'circle-stroke-color': '#fffdf7',
        'circle-stroke-width': 1.2,
        'circle-opacity': ['match', ['get', 'state'], 'current', 1, 0.6],
      },
    },
    {
      id: 'plate-labels',
      type: 'symbol',
      source: 'addresses',
      minzoom: ZOOM.plates,
      filter: of('B', 'D', 'P'),
      layout: {
        ...label,
        'text-size': 11,
        'text-variable-anchor': ['top', 'bottom', 'left', 'right'],
        'text-radial-offset': 0.7,
      },
      paint: { 'text-color': '#46524f', ...HALO },
    },
    {
      id: 'street-labels',
      type: 'symbol',
      source: 'addresses',
      minzoom: ZOOM.names,
      filter: of('R'),
      layout: { ...label, 'text-size': 11.5, 'text-letter-spacing': 0.12 },
      paint: { 'text-color': '#8a6a3c', ...HALO },
    },
    {
      id: 'compound-labels',
      type: 'symbol',
      source: 'addresses',
      minzoom: ZOOM.names,
      filter: of('C'),
      layout: {
        ...label,
        'text-size': ['interpolate', ['linear'], ['zoom'], 13, 11, 17, 14],
        'text-variable-anchor': ['top', 'bottom'],
        'text-radial-offset': 0.6,
      },
      paint: { 'text-color': '#10504c', ...HALO },
    },
    areaLabels('communities', ZOOM.communities, 14.5, 11.5),
    areaLabels('towns', 0, ZOOM.communities + 0.6, 13),
  ]
}

function areaLabels(source: string, minzoom: number, maxzoom: number, size: number): LayerSpecification {
  return {
    id: `${source}-labels`,
    type: 'symbol',
    source: `${source}-names`,
    minzoom,
    maxzoom,
    layout: {
      'text-font': source === 'towns' ? BOLD : FONT,
      'text-field': ['get', 'name'],
      'text-size': size,
      'text-padding': 6,
      'text-max-width': 7,
    },
    paint: { 'text-color': INK, ...HALO },
  }
}

function chosenLayers(): LayerSpecification[] {
  return [
    {
      id: 'chosen-line',
      type: 'line',
      source: 'chosen',
      filter: ['!=', ['geometry-type'], 'Point'],
      paint: { 'line-color': SEAL, 'line-width': 2.6 },
    },
    {
      id: 'chosen-ring',
      type: 'circle',
      source: 'chosen',
      filter: ['==', ['geometry-type'], 'Point'],
      paint: { 'circle-radius': 15, 'circle-color': SEAL, 'circle-opacity': 0.18 },
    },
    {
      id: 'chosen-point',
      type: 'circle',
      source: 'chosen',
      filter: ['==', ['geometry-type'], 'Point'],
      paint: { 'circle-radius': 7, 'circle-color': SEAL, 'circle-stroke-color': '#fffdf7', 'circle-stroke-width': 2 },
    },
  ]
}
