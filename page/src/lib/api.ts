// Questions to the server over HTTP. What went wrong is kept, not its words, so that it follows the page's language. Problems come as a list that a form can show in place, in English and, under `told`, in every other language.
import { t, words } from './words.svelte'

export interface Place { file: string; path: string; found: string; allowed: string }
export interface Problem extends Place { told?: Record<string, Place> }
export class Refused extends Error {
  constructor(public problems: Problem[]) { super() }
}
export class Worded extends Error { // by one of the page's own texts
  constructor(public key: string) { super() }
}

export const spoken = (p: Problem): Place => p.told?.[words.lang] ?? p

export function told(problem: Problem): string {
  const p = spoken(problem)
  return [p.file, p.path].filter(Boolean).join(': ') + (p.path || p.file ? ': ' : '') + p.found + (p.allowed ? ` (${p.allowed})` : '')
}

export function said(failed: unknown): string {
  if (failed instanceof Refused) return failed.problems.map(told).join('\n')
  return failed instanceof Worded ? t(failed.key) : (failed as Error).message
}

async function asked<T>(path: string, init?: RequestInit): Promise<T> {
  const answer = await fetch(`./api/${path}`, init).catch(() => { throw new Worded('world.connecting') })
  const found = await answer.json().catch(() => ({ problems: [{ file: '', path: '', found: `HTTP ${answer.status}`, allowed: '' }] }))
  if (!answer.ok) throw new Refused(found.problems)
  return found
}

export const get = <T>(path: string) => asked<T>(path)
export const remove = <T>(path: string) => asked<T>(path, { method: 'DELETE' })
export const post = <T>(path: string, body: unknown) => asked<T>(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) })

export interface Task<T> { number: number; state: string; phase: string; done: number; of: number; result: T; problems: Problem[] }

// Begins something that takes a while, and asks how far it is until it has ended
export async function work<T>(task: unknown, tell: (t: Task<T>) => void = () => {}): Promise<T> {
  let found = await post<Task<T>>('tasks', { task })
  while (found.state === 'waiting' || found.state === 'working') {
    tell(found)
    await new Promise((done) => setTimeout(done, 300))
    found = await get<Task<T>>(`tasks/${found.number}`)
  }
  tell(found)
  if (found.state === 'failed') throw new Refused(found.problems)
  return found.result
}
