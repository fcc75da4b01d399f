// What Chromium measures for the audit. One object of functions; the audit evaluates the file and calls them by name.
({
  // ------------------------------------------------------------------------------------------------ at every page
  cheap () {
    return [...this.sideways(''), ...this.smallTargets(), ...this.moving()]
  },

  sideways (when) {
    const root = document.documentElement
    // A table whose rows stand as blocks has no reason to be wider than its frame.
    const cut = [...document.querySelectorAll('.hw-scroll:has(> .hw-table--stacks)')].find(one =>
      getComputedStyle(one.firstElementChild).display === 'block' && one.scrollWidth > one.clientWidth + 1)
    if (cut) return [['no sideways scroll', `a table of blocks is ${cut.scrollWidth} px wide in ${cut.clientWidth}${when}: ${this.called(cut)}`]]
    if (root.scrollWidth <= root.clientWidth) return []
    const widest = [...document.querySelectorAll('body *')]
      .filter(one => one.getBoundingClientRect().right > root.clientWidth + 1 && !one.closest('.hw-scroll'))
      .sort((a, b) => b.getBoundingClientRect().right - a.getBoundingClientRect().right)[0]
    return [['no sideways scroll', `${root.scrollWidth} px wide${when}, because of ${this.called(widest)}`]]
  },

  // WCAG 2.5.8: 24 by 24, or in a sentence, or 24 px away from every other target.
  smallTargets () {
    const all = [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')]
      .filter(one => one.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && one.getClientRects().length)
      .filter(one => !one.closest('.govuk-visually-hidden, .govuk-skip-link'))
    const boxes = all.map(one => one.getBoundingClientRect())
    const small = boxes.map(box => box.width < 24 || box.height < 24)
    const found = []
    all.forEach((one, i) => {
      if (!small[i] || this.inSentence(one)) return
      const [x, y] = [boxes[i].left + boxes[i].width / 2, boxes[i].top + boxes[i].height / 2]
      const near = boxes.findIndex((box, j) => j !== i && !all[j].contains(one) && !one.contains(all[j]) &&
        Math.hypot(...(small[j]
          ? [x - box.left - box.width / 2, y - box.top - box.height / 2]
          : [x - Math.max(box.left, Math.min(x, box.right)), y - Math.max(box.top, Math.min(y, box.bottom))]
        )) < (small[j] ? 24 : 12) - 0.5)
      if (near >= 0) found.push(['target size', `${this.called(one)} is ${Math.round(boxes[i].width)} by ${Math.round(boxes[i].height)} px and lies close to ${this.called(all[near])}`])
    })
    return found
  },

  inSentence (one) {
    if (getComputedStyle(one).display !== 'inline') return false
    const around = one.closest('p, li, dd, td, th, summary, label, span') || one.parentElement
    // A link in a drawing has text and no inner text.
    const words = of => (of.innerText ?? of.textContent ?? '').trim().length
    return words(around) > words(one) + 3
  },

  moving () {
    const endless = document.getAnimations().filter(one => one.effect.getComputedTiming().iterations === Infinity)
    return endless.length ? [['motion', `${endless.length} animations never end`]] : []
  },

  called (one) {
    if (!one) return 'something'
    const says = (one.getAttribute('aria-label') || one.innerText || one.textContent || one.name || '').trim().replace(/\s+/g, ' ').slice(0, 40)
    return `<${one.tagName.toLowerCase()}${one.id ? '#' + one.id : ''}${one.classList.length ? '.' + [...one.classList].join('.') : ''}> “${says}”`
  },

  // -------------------------------------------------------------------------------------- at each kind of page once
  // WCAG 1.4.12: people may widen the spaces of the text; nothing may be lost.
  spaced () {
    const sheet = new CSSStyleSheet()
    sheet.replaceSync('* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important } p { margin-bottom: 2em !important }')
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet]
    const found = this.sideways(' with wide text spacing').concat([...document.querySelectorAll('body *')].filter(one => this.clips(one))
      .map(one => ['text spacing', `${this.called(one)} cuts its text off`]))
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter(one => one !== sheet)
    return found
  },

  clips (one) {
    const style = getComputedStyle(one)
    if (!['hidden', 'clip'].some(kind => style.overflowX === kind || style.overflowY === kind)) return false
    if (one.closest('.govuk-visually-hidden, svg, thead') || !one.innerText?.trim() || one.clientWidth < 5) return false
    return one.scrollWidth > one.clientWidth + 2 || one.scrollHeight > one.clientHeight + 2
  },

  // Everything that the Tab key should reach, in the order of the document.
  reachable () {
    const groups = new Set()
    return [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex]')].filter(one => {
      if (one.disabled || one.type === 'hidden' || one.tabIndex < 0 || !one.getClientRects().length) return false
      if (!one.checkVisibility({ visibilityProperty: true }) || one.closest('[inert]')) return false
      if (one.type !== 'radio') return true
      const group = `${one.form?.action ?? ''} ${one.name}`
      const rest = [...document.querySelectorAll('input[type=radio]')].filter(other => other.name === one.name && other.form === one.form && !other.disabled)
      const chosen = rest.find(other => other.checked) ?? rest[0]
      if (groups.has(group) || chosen !== one) return false
      return groups.add(group)
    })
  },

  // Prepares the walk: remembers how everything looks without the focus, and notes each stop.
  // `within` is `body` or `main`: where the walk begins, and after whose last stop it ends.
  beginWalk (within) {
    const stops = this.reachable().filter(one => one.closest(within))
    const before = stops.map(one => this.looks(one))
    const walk = { stops, seen: [], found: [] }
    window.hwWalk = walk
    // An error summary takes the focus when the page opens; the walk begins before everything all the same.
    const start = document.createElement('span')
    start.tabIndex = -1
    document.querySelector(within).prepend(start)
    start.focus()
    document.addEventListener('focusin', event => {
      const one = event.target
      const at = stops.indexOf(one)
      walk.seen.push(at)
      if (at < 0) {
        if (!this.scrolls(one) && one !== document.body) walk.found.push(['focus order', `${this.called(one)} takes the focus, and should not`])
        return
      }
      if (this.looks(one) === before[at]) walk.found.push(['focus visible', `${this.called(one)} looks the same with the focus`])
      if (this.hidden(one)) walk.found.push(['focus not obscured', `${this.called(one)} is covered while it has the focus`])
    })
    return stops.length
  },

  endWalk (presses) {
    const { stops, seen, found } = window.hwWalk
    const order = seen.filter(at => at >= 0)
    const wrong = order.findIndex((at, i) => i > 0 && at <= order[i - 1])
    if (wrong > 0) found.push(['focus order', `${this.called(stops[order[wrong]])} comes after ${this.called(stops[order[wrong - 1]])}`])
    const missed = stops.filter((_, at) => at < presses && !order.includes(at))
    if (missed.length) found.push(['focus order', `${missed.length} of ${stops.length} are never reached with Tab, the first ${this.called(missed[0])}`])
    return found
  },

  scrolls (one) {
    return one.scrollWidth > one.clientWidth || one.scrollHeight > one.clientHeight
  },

  // How an element and what belongs to it look: its label, its parts, what is drawn before and after it.
  looks (one) {
    const parts = [one, ...(one.labels ?? []), ...[...one.querySelectorAll('*')].slice(0, 6)]
    if (one.id) parts.push(...document.querySelectorAll(`[for="${CSS.escape(one.id)}"]`))
    if (one.nextElementSibling) parts.push(one.nextElementSibling)
    return parts.map(part => ['', '::before', '::after'].map(which => {
      const style = getComputedStyle(part, which || null)
      const outline = style.outlineStyle === 'none' || style.outlineColor === 'rgba(0, 0, 0, 0)' ? '' : style.outline
      return [outline, style.boxShadow, style.backgroundColor, style.borderColor, style.borderWidth, style.textDecoration, style.stroke, style.strokeWidth, style.clip, style.clipPath].join()
    }).join()).join(';')
  },

  // WCAG 2.4.11: at least a part of what has the focus can be seen.
  hidden (one) {
    const shown = one.labels?.length && Number(getComputedStyle(one).opacity) === 0 ? [...one.labels].find(label => label.getClientRects().length) ?? one : one
    const box = shown.getBoundingClientRect()
    // A hull of the map fills its box badly, so a few points are not enough.
    const steps = shown.closest('svg') ? [...Array(24).keys()].map(step => (step + 0.5) / 24) : [0.1, 0.5, 0.9]
    const points = steps.flatMap(x => steps.map(y => [box.left + box.width * x, box.top + box.height * y]))
      .concat([...shown.getClientRects()].map(line => [line.left + line.width / 2, line.top + line.height / 2]))
    const inView = points.filter(([x, y]) => x >= 0 && y >= 0 && x < innerWidth && y < innerHeight)
    if (!inView.length) return box.width * box.height > 0 && !shown.closest('.hw-scroll, svg')
    const own = found => found && (shown.contains(found) || found.contains(shown) || one.contains(found))
    return !inView.some(([x, y]) => own(document.elementFromPoint(x, y)))
  },

  // ----------------------------------------------------------------------------------------- forms that come back
  // Empties the fields of a form and sends it; says whether there was anything to empty.
  sendEmpty (number) {
    const form = [...document.querySelectorAll('main form[method=post]')][number]
    form.querySelectorAll('input, textarea, select').forEach(one => {
      if (one.type === 'hidden' || one.hidden || one.type === 'file') return
      if (one.type === 'checkbox' || one.type === 'radio') one.checked = false
      else one.value = ''
    })
    const button = form.querySelector('button:not([type=button])')
    form.noValidate = true
    form.requestSubmit(button)
  },

  fillable () {
    return [...document.querySelectorAll('main form[method=post]')].map((form, number) => [form, number])
      .filter(([form]) => [...form.querySelectorAll('input, textarea, select')].some(one => one.type !== 'hidden' && !one.hidden))
      .map(([, number]) => number)
  },

  afterError () {
    const summary = document.querySelector('.govuk-error-summary')
    if (!summary) return [['error summary', 'a form came back with no error summary']]
    const found = []
    if (document.activeElement !== summary) found.push(['error summary', `the focus is not at the summary but at ${this.called(document.activeElement)}`])
    if (!document.title.startsWith('Error: ')) found.push(['error summary', 'the title does not begin with “Error: ”'])
    for (const link of summary.querySelectorAll('a')) {
      const field = document.getElementById(link.getAttribute('href').slice(1))
      if (!field) found.push(['error summary', `“${link.innerText}” leads nowhere`])
      else if (!(field.getAttribute('aria-describedby') || field.closest('fieldset')?.getAttribute('aria-describedby'))) {
        found.push(['error summary', `the field of “${link.innerText}” does not point to its error`])
      }
    }
    return found
  },

  // Sends a form that the page does not have, with the page's own token: for refusals that only a POST gives.
  post (path) {
    const form = document.createElement('form')
    form.method = 'post'
    form.action = path
    for (const name of ['csrf_token', 'idempotency_key']) form.append(document.querySelector(`input[name=${name}]`).cloneNode())
    document.body.append(form)
    form.submit()
  }
})
