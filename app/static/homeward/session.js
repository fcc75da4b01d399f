// Warns before the session ends; one key keeps it. If it has ended, what was typed goes to the server, which keeps it for
// its owner, and the page gives way to the sign-in page: nothing of it stays on the screen or in the browser.

const WARNING = 120
const ANNOUNCED = [60, 30, 10]

const counted = (number, noun) => `${number} ${noun}${number === 1 ? '' : 's'}`

const words = seconds => seconds > 60 ? counted(Math.ceil(seconds / 60), 'minute') : counted(Math.max(0, seconds), 'second')

// The form that somebody has typed into, or that came back because something in it was wrong.
function typedForm () {
  let touched = null
  const isOurs = form => form && form.method === 'post' && form.closest('main')
  const note = event => { if (isOurs(event.target.form)) touched = event.target.form }
  document.addEventListener('input', note)
  document.addEventListener('change', note)
  const returned = document.querySelector('main .govuk-error-summary')
  return () => touched ?? (returned ? document.querySelector('main form[method=post]') : null)
}

function watch (dialog) {
  const { hwAsk, hwStay, hwToken, hwSignIn } = dialog.dataset
  const typed = typedForm()
  let endsAt = Date.now() + 1000 * Number(dialog.dataset.hwSession)
  let announced = WARNING
  let timer = null

  const left = () => Math.ceil((endsAt - Date.now()) / 1000)

  function wait (seconds) {
    clearTimeout(timer)
    timer = setTimeout(look, 1000 * Math.max(1, seconds))
  }

  async function ask (address, options = {}) {
    const answer = await fetch(address, { headers: { Accept: 'application/json', 'X-CSRFToken': hwToken }, ...options })
    const isAnswer = answer.ok && answer.headers.get('Content-Type')?.includes('json')
    endsAt = Date.now() + 1000 * (isAnswer ? (await answer.json()).left : 0)
  }

  function leave () {
    const form = typed()
    if (!form) return window.location.assign(`${hwSignIn}?next=${encodeURIComponent(location.pathname + location.search)}`)
    form.querySelectorAll('input[type=password], input[type=file]').forEach(input => { input.disabled = true })
    HTMLFormElement.prototype.submit.call(form)
  }

  function show () {
    dialog.querySelector('[data-hw-words]').textContent = words(left())
    if (!dialog.open) {
      announced = WARNING
      dialog.showModal()
      dialog.querySelector('button').focus()
    }
    const step = ANNOUNCED.find(seconds => left() <= seconds && seconds < announced)
    if (step) {
      announced = Math.min(...ANNOUNCED.filter(seconds => left() <= seconds))
      dialog.querySelector('[data-hw-announce]').textContent = `You will be signed out in ${words(left())}.`
    }
  }

  // Another tab may have kept the session, so the server is asked before anything is said or done.
  async function look () {
    if (left() > WARNING) return wait(left() - WARNING)
    try {
      if (!dialog.open || left() <= 0) await ask(hwAsk)
    } catch {
      return wait(2) // a lost connection is tried again
    }
    if (left() > WARNING) {
      dialog.close()
      return wait(left() - WARNING)
    }
    if (left() <= 0) return leave()
    show()
    wait(1)
  }

  async function stay () {
    try {
      await ask(hwStay, { method: 'POST' })
    } catch { /* a lost connection: the warning stays until it is back */ }
    if (left() > 0) dialog.close()
    wait(left() > WARNING ? left() - WARNING : Math.min(30, left()))
  }

  dialog.querySelector('button').addEventListener('click', stay)
  dialog.addEventListener('cancel', event => { event.preventDefault(); stay() })
  document.addEventListener('visibilitychange', () => { if (!document.hidden) look() })
  wait(left() - WARNING)
}

document.querySelectorAll('[data-hw-session]').forEach(watch)
// A page that the browser has kept is asked for again: after signing out, going back shows the sign-in page.
window.addEventListener('pageshow', event => { if (event.persisted) window.location.reload() })
