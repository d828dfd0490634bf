/** The bar over the map while something is drawn: what to do, its points to be typed, what is wrong, and the ways out. */
import { h } from './dom.ts'
import type { Drawing, Flaw, Shape } from './drawing.ts'
import { MOST_BUFFER_M, onEarth, readPoints, typedPoints, type Outline, type Point } from './outline.ts'
import { t, type SentenceName } from './words.ts'

/** The width of the line that was drawn last. */
let bufferM = 100

export class DrawBar {
  readonly element: HTMLElement
  readonly #drawing: Drawing
  readonly #fault = h('p', { class: 'draw-fault', role: 'alert' })
  readonly #undo = h('button', { type: 'button', class: 'small', click: () => this.#drawing.undo() }, t('undo'))
  readonly #width: HTMLInputElement
  /** The points as text: typed here, or clicked on the map. */
  readonly #typed = h('input', {
    type: 'text',
    class: 'points',
    autocomplete: 'off',
    spellcheck: 'false',
    placeholder: '120.26,30.18 120.27,30.18',
    input: () => this.#type(),
    keydown: (event) => (event as KeyboardEvent).key === 'Enter' && this.#finish(),
  })
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
    const byKeyboard = document.activeElement?.matches(':focus-visible') ?? false
    this.#show()
    if (byKeyboard) this.#typed.focus()
  }

  #show(): void {
    const isLine = this.#shape === 'line'
    this.element.replaceChildren(
      h('p', {}, t(isLine ? 'drawHintLine' : 'drawHintPolygon')),
      h('label', { class: 'chooser' }, h('span', {}, t('points')), this.#typed),
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
    this.#changed([], null)
    this.element.hidden = false
  }

  #finish(): void {
    if (this.#shape === 'line' && !this.#widen()) return
    if (this.#typed.value.trim() === '' || this.#type()) this.#drawing.finish()
    else this.#fault.textContent = t('pointsWrong')
  }

  /** Whether what is typed are points; then they are those that are drawn. */
  #type(): boolean {
    const points = this.#typed.value.trim() === '' ? [] : readPoints(this.#typed.value)
    const fit = points !== null && points.every(onEarth)
    if (fit) this.#drawing.replace(points)
    return fit
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

  #changed(points: Point[], flaw: Flaw): void {
    const more: SentenceName = this.#shape === 'line' ? 'drawMoreLine' : 'drawMorePolygon'
    this.#undo.disabled = points.length === 0
    // What is being typed is left as it is.
    if (document.activeElement !== this.#typed) this.#typed.value = typedPoints(points)
    this.#fault.textContent = flaw === null ? '' : t(flaw === 'crosses' ? 'drawCrosses' : more)
  }
}
