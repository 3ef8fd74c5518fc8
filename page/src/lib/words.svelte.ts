// Texts in the chosen language, and how it writes numbers. A missing text shows as its key, which a test looks for.
export type Lang = 'en' | 'de' | 'nl'
export const LANGS: Lang[] = ['en', 'de', 'nl']
export const LANG_NAMES: Record<Lang, string> = { en: 'English', de: 'Deutsch', nl: 'Nederlands' }
const KEPT = 'glasscity.lang'

class Words {
  lang = $state<Lang>('en')
  texts = $state<Record<string, string>>({})

  preferred(): Lang {
    const wanted = [localStorage.getItem(KEPT), ...navigator.languages.map((l) => l.slice(0, 2))]
    return (wanted.find((l) => LANGS.includes(l as Lang)) as Lang) ?? 'en'
  }

  async choose(lang: Lang) {
    const answer = await fetch(`./api/words?lang=${lang}`)
    this.texts = await answer.json()
    this.lang = lang
    localStorage.setItem(KEPT, lang)
    document.documentElement.lang = lang
  }
}

export const words = new Words()

export function t(key: string, values: Record<string, string | number> = {}): string {
  const text = words.texts[key] ?? `[${key}]`
  return text.replace(/\{(\w+)\}/g, (gap, name) => (name in values ? String(values[name]) : gap))
}

// A text with the number n in it, in the singular where n is one
export function counted(key: string, n: number, values: Record<string, string> = {}): string {
  return t(Math.abs(n) === 1 ? `${key}_one` : key, { n: number(n, 2), ...values })
}

export function has(key: string): boolean {
  return key in words.texts
}

export function number(value: number | null | undefined, places = 0, least = 0): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–'
  return value.toLocaleString(words.lang, { maximumFractionDigits: places, minimumFractionDigits: least }).replace(/^-(?=[0.,]*$)/, '').replace('-', '−') // no minus before nought
}

export function percent(share: number | null | undefined, places = 1, least = 0): string {
  if (share === null || share === undefined || !Number.isFinite(share)) return '–'
  return t('form.percent', { n: number(100 * share, places, least) })
}

export function date(start: string, day: number): string {
  const at = new Date(`${start}T00:00:00Z`)
  at.setUTCDate(at.getUTCDate() + day)
  return at.toLocaleDateString(words.lang === 'en' ? 'en-GB' : words.lang, { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' })
}

export function named(names: Record<string, string> | null | undefined): string {
  return names ? (names[words.lang] ?? names.en) : ''
}

// Metrics of the side panel: how each is written
const SHARES = new Set(['share_ever.sanctioned', 'share_ever.wrongly_sanctioned', 'wrongful_sanction_share', 'innocent_risk', 'misattribution', 'chilled_share', 'risk', 'falsification_gap'])
const LEAST = 0.00001 // a smaller share is not written out
export function measure(metric: string, value: number | null | undefined): string {
  if (!SHARES.has(metric)) return number(value, 1)
  const size = Math.abs(value ?? 0)
  if (size > 0 && size < LEAST) return `< ${percent(LEAST, 3)}`
  const places = size < 0.01 ? 3 : 1
  return percent(value, places, size ? places : 0)
}

export function difference(metric: string, value: number | null | undefined): string {
  if (value === null || value === undefined) return '–'
  const told = SHARES.has(metric) ? t('unit.points', { n: number(100 * value, Math.abs(value) < 0.001 ? 3 : 2) }) : number(value, 2)
  return (value > 0 && /[1-9]/.test(told) ? '+' : '') + told
}
