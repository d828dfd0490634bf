/** The dialog that asks for the key, in both languages at once: whoever stands before it has not chosen one yet. */
import { h } from './dom.ts'
import { t } from './words.ts'

let open: HTMLDialogElement | null = null

/** Shows the dialog (once); `onKey` gets what was entered. `complaint` says why it came back. */
export function askForKey(onKey: (key: string) => void, complaint = ''): void {
  open?.remove()
  const input = h('input', {
    id: 'key',
    type: 'password',
    autocomplete: 'off',
    spellcheck: 'false',
    required: true,
    'aria-describedby': 'key-help',
  })
  const dialog = h(
    'dialog',
    { class: 'key-dialog', 'aria-labelledby': 'key-title' },
    h(
      'form',
      { method: 'dialog', submit: (event) => submit(event) },
      h('h2', { id: 'key-title' }, '请输入访问密钥', h('small', { lang: 'en' }, 'An access key, please')),
      complaint !== '' && h('p', { class: 'complaint', role: 'alert' }, complaint),
      h('label', { for: 'key' }, '密钥 Key'),
      input,
      h('div', { id: 'key-help' }, explanation()),
      h('button', { type: 'submit', class: 'primary' }, '进入 Enter'),
    ),
  )
  const submit = (event: Event): void => {
    event.preventDefault()
    const key = input.value.trim()
    if (key === '') return
    close()
    onKey(key)
  }
  const close = (): void => {
    dialog.close()
    dialog.remove()
    open = null
  }
  // Without a key there is nothing behind the dialog to go back to.
  dialog.addEventListener('cancel', (event) => event.preventDefault())
  document.body.append(dialog)
  open = dialog
  dialog.showModal()
  input.focus()
}

function explanation(): HTMLElement[] {
  return [
    h('p', {}, '密钥由管理员发放；运行 make demo 时，密钥会打印在终端里。密钥只用于登录一次，网页不保存；会话最长十二小时，“更换密钥”即退出。'),
    h(
      'p',
      { lang: 'en' },
      'Your administrator gives you a key; make demo prints one in the terminal. It is used once, to sign in, and kept nowhere; a session ends after twelve hours at most, or with “Change key”.',
    ),
  ]
}

/** Brief news at the foot of the page, read out by screen readers. */
export function announce(text: string): void {
  const region = document.getElementById('announcements')
  if (region) region.textContent = text
}

/** A fault as a sentence with two ways on: try again, or go home. */
export function faultNotice(sentence: string, retry: () => void, home: () => void): HTMLElement {
  return h(
    'div',
    { class: 'fault', role: 'alert' },
    h('p', {}, sentence),
    h(
      'p',
      {},
      h('button', { type: 'button', click: retry }, t('retry')),
      ' ',
      h('button', { type: 'button', click: home }, t('toDistrict')),
    ),
  )
}
