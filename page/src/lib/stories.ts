// Two-minute stories: a world, a lever, a question that is answered before it is shown, and a life that shows it.
import type { Change, Recipe } from './live.svelte'

export interface Story {
  id: string
  recipe: Recipe
  change?: Change
  wanted: [string, string][] // metric and group, of both worlds
  truth: (values: (number | null)[][]) => number | null
  low: number; high: number; step: number; share: boolean
  life: string; side: number
}
const CITIZENS = 50000
const share = (above: number | null, below: number | null) => (above === null || !below ? null : (100 * above) / below)

export const STORIES: Story[] = [
  {
    id: 'base_rates', recipe: { scenario: 'watchlist-cardiff' }, wanted: [['misattribution', 'all']],
    truth: ([scheme]) => (scheme[0] === null ? null : 100 * scheme[0]), low: 0, high: 100, step: 1, share: true, life: 'wrongly_accused', side: 0,
  },
  {
    id: 'friends', recipe: { scenario: 'beijing-2020', citizens: CITIZENS }, change: { without: ['friends'] }, wanted: [['sanctions_by_association', 'all'], ['sanctions', 'all']],
    truth: ([scheme]) => share(scheme[0], scheme[1]), low: 0, high: 100, step: 1, share: true, life: 'by_association', side: 0,
  },
  {
    id: 'cap', recipe: { scenario: 'beijing-2020', citizens: CITIZENS }, change: { without: ['cap'] }, wanted: [['standing', 'minority'], ['standing', 'majority']],
    truth: ([scheme]) => (scheme[0] === null || scheme[1] === null ? null : scheme[1] - scheme[0]), low: 0, high: 100, step: 1, share: false, life: 'wrongly_accused', side: 0,
  },
  {
    id: 'silence', recipe: { scenario: 'beijing-2020', citizens: CITIZENS }, change: { against: 'no-scoring' }, wanted: [['chilled_share', 'all']],
    truth: ([scheme]) => (scheme[0] === null ? null : 100 * scheme[0]), low: 0, high: 100, step: 1, share: true, life: 'journalist', side: 0,
  },
  {
    id: 'appeal', recipe: { scenario: 'beijing-2020', citizens: CITIZENS }, change: { with: ['notice', 'reasons', 'appeal'] }, wanted: [['sanctions_wrongly', 'all'], ['straight_listed_wrongly', 'all']],
    truth: ([scheme, twin]) => { if (!twin) return null; const sum = (v: (number | null)[]) => (v[0] ?? 0) + (v[1] ?? 0); return share(Math.max(0, sum(scheme) - sum(twin)), sum(scheme)) },
    low: 0, high: 100, step: 1, share: true, life: 'never_notified', side: 0,
  },
  {
    id: 'trap', recipe: { scenario: 'beijing-2020', citizens: CITIZENS }, wanted: [['jobs_found', 'all'], ['jobs_lost', 'all']],
    truth: ([scheme]) => share(scheme[0], scheme[1]), low: 0, high: 100, step: 1, share: true, life: 'trap', side: 0,
  },
]
