// What pages gain where scripts run. Each of them works without.
import { initAll } from '../govuk/govuk-frontend.min.js'

const ANNOUNCED_MINUTES = [60, 30, 15, 5, 1]

const counted = (number, noun) => `${number} ${noun}${number === 1 ? '' : 's'}`

// The same words as the server's.
function words (seconds) {
  if (seconds <= 0) return 'Closed'
  const minutes = Math.floor(seconds / 60)
  const hours = Math.floor(minutes / 60)
  const days = Math.floor(hours / 24)
  const parts = days ? [[days, 'day'], [hours % 24, 'hour']] : hours ? [[hours, 'hour'], [minutes % 60, 'minute']] : [[minutes, 'minute']]
  const said = parts.filter(([number]) => number).map(([number, noun]) => counted(number, noun)).join(' ')
  return `${said || 'Less than a minute'} left`
}

function keepTime (box) {
  const deadline = Date.parse(box.dataset.hwDeadline)
  const opened = Date.parse(box.dataset.hwOpened)
  // The server's clock decides, so a wrong clock on this device must not mislead.
  const ahead = Date.parse(box.dataset.hwNow) - Date.now()
  const now = () => Date.now() + ahead
  let announced = null
  const update = () => {
    const left = (deadline - now()) / 1000
    box.querySelector('[data-hw-words]').textContent = words(left)
    box.querySelector('progress').value = Math.min(100, 100 * (now() - opened) / Math.max(1, deadline - opened))
    box.classList.toggle('hw-time-left--over', left <= 0)
    const step = left <= 0 ? 0 : ANNOUNCED_MINUTES.filter(minute => left <= minute * 60).pop() ?? -1
    if (announced !== null && step !== announced) box.querySelector('[data-hw-announce]').textContent = words(left)
    announced = step
    if (left > 0) setTimeout(update, left < 300 ? 5000 : 30000)
  }
  update()
}

// A screen reader hears of each quarter and of the end, not of every row.
function announceProgress (box, task) {
  const quarter = task.over ? 'over' : task.total ? Math.floor(4 * task.done / task.total) : 0
  if (box.dataset.hwQuarter === String(quarter)) return
  const first = box.dataset.hwQuarter === undefined
  box.dataset.hwQuarter = quarter
  if (!first) box.querySelector('[data-hw-task-announce]').textContent = box.querySelector('[data-hw-task-text]').textContent
}

async function followTask (box) {
  try {
    const answer = await fetch(box.dataset.hwTask, { headers: { Accept: 'application/json' } })
    if (!answer.ok) throw new Error(answer.status)
    const task = await answer.json()
    const text = box.querySelector('[data-hw-task-text]')
    const said = task.total ? `${task.done} of ${task.total} done` : 'Waiting to start'
    if (text.textContent !== said) text.textContent = said
    const bar = box.querySelector('[data-hw-task-bar]')
    bar.max = task.total || 1
    bar.value = task.done
    announceProgress(box, task)
    if (task.over) return window.location.reload()
  } catch { /* a lost connection is tried again */ }
  setTimeout(followTask, 2000, box)
}

// Opens or closes all folds at once; the button says by its state which.
function foldAll (place) {
  const button = place.querySelector('button')
  place.hidden = false
  button.addEventListener('click', () => {
    const open = button.getAttribute('aria-pressed') !== 'true'
    document.querySelectorAll('.hw-folded').forEach(one => { one.open = open })
    button.setAttribute('aria-pressed', String(open))
  })
}

initAll()
document.querySelectorAll('[data-hw-fold-all]').forEach(foldAll)
document.querySelectorAll('[data-hw-deadline]:not(.hw-time-left--over)').forEach(keepTime)
document.querySelectorAll('[data-hw-task]:not([data-hw-task=""])').forEach(followTask)
// A narrow screen shows a part of the map; what has the focus comes into its middle.
document.querySelectorAll('.hw-map__scroll .hw-hull').forEach(hull => {
  hull.addEventListener('focus', () => hull.scrollIntoView({ block: 'nearest', inline: 'center' }))
})
