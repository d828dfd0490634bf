/** A list as a file: at once where it is short, else behind the page, with its progress and the link at the end. */
import { Problem } from './api.ts'
import { h } from './dom.ts'
import type { Listing } from './list-panel.ts'
import type { ExportJob } from './model.ts'
import { chooser, complaint, handOver } from './panels.ts'
import { count, t, term } from './words.ts'
import { beginExport, cancelExport, exported, exportJob, FORMATS, type Format } from './wire-lists.ts'

/** More rows than this are written behind the page. */
const AT_ONCE = 2000
const LOOK_AGAIN_MS = 700
const UNDER_WAY = ['waiting', 'running']

export function exportBox(asked: Listing, total: number): HTMLElement {
  let format: Format = 'csv'
  const formats = FORMATS.map((name) => [name, term('format', name)] as const)
  const news = h('div', { class: 'export-news', 'aria-live': 'polite' })
  const large = total > AT_ONCE
  const behind = h('input', { type: 'checkbox', checked: large, disabled: large })
  const button = h('button', { type: 'button', class: 'primary', click: () => void begin() }, t('export'))
  const begin = async (): Promise<void> => {
    button.disabled = true
    news.replaceChildren(h('p', { class: 'note' }, t('loading')))
    try {
      if (behind.checked) await follow(await beginExport(asked.collection, asked.place, format), format, news)
      else {
        handOver(await exported(asked.collection, asked.place, format), `${asked.collection}.${format}`)
        news.replaceChildren(h('p', { class: 'note' }, term('jobState', 'done')))
      }
    } catch (error) {
      news.replaceChildren(complaint(error instanceof Problem ? error.message : String(error)))
    } finally {
      button.disabled = false
    }
  }
  return h(
    'section',
    { class: 'export', 'aria-label': t('export') },
    h('h3', {}, t('export')),
    h('div', { class: 'row choosers' }, chooser(t('format'), formats, format, (name) => (format = name as Format)), button),
    h('label', { class: 'note tick' }, behind, h('span', {}, t('inBackground'))),
    h('p', { class: 'note' }, t('exportNote')),
    news,
  )
}

/** Shows how far a job is until it has ended, or nobody looks any more: it goes on without the page. */
async function follow(job: ExportJob, format: Format, news: HTMLElement): Promise<void> {
  let now = job
  show(now)
  while (UNDER_WAY.includes(now.state)) {
    await new Promise((resolve) => window.setTimeout(resolve, LOOK_AGAIN_MS))
    if (!news.isConnected) return
    now = await exportJob(job.id)
    show(now)
  }

  function show(of: ExportJob): void {
    news.replaceChildren(...newsOf(of, format, () => void cancelExport(of.id).then(show).catch(() => undefined)))
  }
}

function newsOf(job: ExportJob, format: Format, cancel: () => void): HTMLElement[] {
  const state = h('p', { class: 'note' }, `${term('jobState', job.state)} · ${rowsOf(job)}`)
  if (job.state === 'done') return [state, h('p', {}, fileLink(job, format))]
  if (!UNDER_WAY.includes(job.state)) return job.fault === '' ? [state] : [state, complaint(job.fault)]
  const bar = h('progress', { 'aria-label': t('export') })
  if (job.expected > 0 && job.state === 'running') {
    bar.max = job.expected
    bar.value = Math.min(job.rows, job.expected)
  }
  return [state, bar, h('button', { type: 'button', class: 'small', click: cancel }, t('cancel'))]
}

function rowsOf(job: ExportJob): string {
  const known = job.expected > 0 && job.state !== 'done'
  return known
    ? t('exportRowsOf', { n: count(job.rows), all: count(job.expected) })
    : t('exportRows', { n: count(job.rows) })
}

function fileLink(job: ExportJob, format: Format): HTMLElement {
  const name = `export-${job.id}.${format}`
  const href = new URL(job.link, document.baseURI).href
  return h('a', { href, download: name, class: 'primary' }, t('exportFile', { name }))
}
