/** The bar over the map while something is drawn: what to do, what is wrong, and the ways out. */
import { h } from './dom.ts'
import type { Drawing, Flaw, Shape } from './drawing.ts'
import { MOST_BUFFER_M, type Outline } from './outline.ts'
import { t, type SentenceName } from './words.ts'

/** The width of the line that was drawn last. */
let bufferM = 100

export class DrawBar {
  readonly element: HTMLElement
  readonly #drawing: Drawing
  readonly #fault = h('p', { class: 'draw-fault', role: 'alert' })
  readonly #undo = h('button', { type: 'button', class: 'small', click: () => this.#drawing.undo() }, t('undo'))
  readonly #width: HTMLInputElement
  #shape: Shape = 'polygon'

  constructor(drawing: Drawing) {
    this.#drawing = drawing
    this.#width = h('input', {
      type: 'number',
      min: 1,
      max: MOST_BUFFER_M,
      required: true,
      value: bufferM,
      input: () => this.#widen(),
    })
    this.element = h('div', { class: 'draw-bar', hidden: true, role: 'region', 'aria-label': t('mapTools') })
  }

  /** Lets a shape be drawn; `done` gets what came of it, `over` is called however it ends. */
  begin(shape: Shape, done: (outline: Outline) => void, over: () => void): void {
    this.#drawing.start(shape, bufferM, {
      changed: (points, flaw) => this.#changed(points, flaw),
      done,
      over: () => {
        this.element.hidden = true
        over()
      },
    })
    this.#shape = shape
    this.#show()
  }

  #show(): void {
    const isLine = this.#shape === 'line'
    this.element.replaceChildren(
      h('p', {}, t(isLine ? 'drawHintLine' : 'drawHintPolygon')),
      this.#fault,
      h(
        'p',
        { class: 'row' },
        isLine && h('label', { class: 'chooser' }, h('span', {}, t('buffer')), this.#width),
        h('button', { type: 'button', class: 'primary', click: () => this.#finish() }, t('finish')),
        this.#undo,
        h('button', { type: 'button', class: 'small', click: () => this.#drawing.stop() }, t('cancel')),
      ),
    )
    this.#changed(0, null)
    this.element.hidden = false
  }

  #finish(): void {
    if (this.#shape === 'line' && !this.#widen()) return
    this.#drawing.finish()
  }

  /** Whether the width is one that can be drawn. */
  #widen(): boolean {
    const metres = this.#width.valueAsNumber
    const fit = metres >= 1 && metres <= MOST_BUFFER_M
    if (fit) {
      bufferM = metres
      this.#drawing.widen(metres)
    } else this.#fault.textContent = t('drawWidth', { most: MOST_BUFFER_M })
    return fit
  }

  #changed(points: number, flaw: Flaw): void {
    const more: SentenceName = this.#shape === 'line' ? 'drawMoreLine' : 'drawMorePolygon'
    this.#undo.disabled = points === 0
    this.#fault.textContent = flaw === null ? '' : t(flaw === 'crosses' ? 'drawCrosses' : more)
  }
}
