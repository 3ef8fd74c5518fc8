// A link carries the scenario and what was changed, never data: #/city?scenario=…&citizens=…&without=friends&from=90
import type { Change, Recipe } from './live.svelte'

export interface Link { view: string; recipe: Recipe; change: Change | null; since: number; world: string | null; story: string | null; nonce?: number }
const VIEWS = ['city', 'stories', 'explore', 'schemes', 'runs', 'class']
export const STANDARD = 'beijing-2020'

export function readLink(hash: string): Link {
  const [path, query = ''] = hash.replace(/^#\/?/, '').split('?')
  const given = new URLSearchParams(query)
  const [view, story] = path.split('/')
  const whole = (name: string) => { const v = given.get(name); return v && /^\d{1,10}$/.test(v) ? Number(v) : undefined }
  const values = (name: string) => given.getAll(name).flatMap((v) => v.split(',')).filter((v) => /^[\w-]{1,40}$/.test(v))
  const set = (prefix: string) => Object.fromEntries([...given].filter(([k]) => k.startsWith(prefix)).flatMap(([k, v]) => { const n = Number(v); return v !== '' && Number.isFinite(n) ? [[k.slice(prefix.length), n]] : [] }))
  const change: Change = { without: values('without'), with: values('with'), set: set('twin.') }
  const is = change.without!.length + change.with!.length + Object.keys(change.set!).length > 0
  const scenario = given.get('scenario') ?? STANDARD
  return {
    view: VIEWS.includes(view) ? view : 'city', story: story && /^[\w-]{1,40}$/.test(story) ? story : null,
    recipe: { scenario: /^[\w-]{1,60}$/.test(scenario) ? scenario : STANDARD, citizens: whole('citizens'), days: whole('days'), seed: whole('seed'), set: set('set.') },
    change: is ? change : null, since: whole('from') ?? 0, world: /^[0-9a-f]{16}$/.test(given.get('world') ?? '') ? given.get('world') : null, nonce: whole('n'),
  }
}

export function linkOf(link: Link): string {
  const q = new URLSearchParams()
  const r = link.recipe
  if (link.world) q.set('world', link.world)
  q.set('scenario', r.scenario)
  for (const name of ['citizens', 'days', 'seed'] as const) if (r[name] !== undefined) q.set(name, String(r[name]))
  for (const [k, v] of Object.entries(r.set ?? {})) q.set(`set.${k}`, String(v))
  if (link.change) {
    if (link.change.without?.length) q.set('without', link.change.without.join(','))
    if (link.change.with?.length) q.set('with', link.change.with.join(','))
    for (const [k, v] of Object.entries(link.change.set ?? {})) q.set(`twin.${k}`, String(v))
    q.set('from', String(link.since))
  }
  if (link.nonce) q.set('n', String(link.nonce))
  return `#/${link.view}${link.view === 'stories' && link.story ? `/${link.story}` : ''}?${q}`
}
