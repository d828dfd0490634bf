/** What does not fit together on the record of an address and of what lies below it: the service's own words. */
import { h, type Child } from './dom.ts'
import type { AddressView, Flag } from './model.ts'
import { addressHash } from './route.ts'
import { count, language, pick, t } from './words.ts'

const PLACES_SHOWN = 6

export function flagSection(view: AddressView): Child {
  const { total, items } = view.flags
  if (total === null) return h('p', { class: 'note' }, t('flagsWithheld'))
  if (items.length === 0) return null
  const kinds = [...Map.groupBy(items, (flag) => flag.name).values()]
  return h(
    'section',
    { class: 'flags', 'aria-label': t('flags') },
    h(
      'ul',
      {},
      kinds.map((flags) => flagLine(flags, view.aid)),
    ),
    total > items.length && h('p', { class: 'note' }, t('moreRows', { n: count(total - items.length) })),
  )
}

/** One flag, and the addresses below this one that have it. */
function flagLine(flags: Flag[], here: string): HTMLElement {
  const below = flags.filter((flag) => flag.at.aid !== here)
  const link = ({ at }: Flag): HTMLElement => h('li', {}, h('a', { href: addressHash(at.aid) }, at.name))
  const [shown, rest] = [below.slice(0, PLACES_SHOWN), below.slice(PLACES_SHOWN)]
  return h(
    'li',
    {},
    flags[0] && label(flags[0]),
    below.length > 0 && [
      h('span', { class: 'quiet' }, ` ${t('flagsAt', { n: count(below.length) })}`),
      h('ul', { class: 'flagged' }, shown.map(link)),
    ],
    rest.length > 0 &&
      h(
        'details',
        { class: 'more' },
        h('summary', {}, t('more', { n: rest.length })),
        h('ul', { class: 'flagged' }, rest.map(link)),
      ),
  )
}

/** Chinese with an English title, or the other way round. */
function label({ zh, en }: Flag): HTMLElement {
  const other = language() === 'zh' ? en : zh
  return h('span', { class: 'flag', title: other }, pick(zh, en))
}
