// Where each citizen is drawn, and in which colour. A neighbourhood is a block, a district a group of blocks.
export interface District { id: string; name: Record<string, string>; citizens: number }
export interface Plot { x: number; y: number; w: number; h: number }
export interface Plan { width: number; height: number; at: Uint32Array; who: Int32Array; plots: Plot[]; first: number[]; pixels: number }

const GAP = 1 // between neighbourhoods
const APART = 5 // between districts

interface Inside { columns: number; wide: number; tall: number; height: number }

// How a district's neighbourhoods are cut, if it is so wide
function inside(n: number, page: number, width: number): Inside {
  const blocks = Math.max(1, Math.ceil(n / page))
  const columns = blocks < 7 ? 1 : Math.max(1, Math.round(width / Math.sqrt((width * n) / width / blocks)))
  const wide = Math.max(1, Math.floor(width / columns) - (columns > 1 ? GAP : 0))
  const tall = Math.ceil(Math.min(page, n) / wide)
  const rows = Math.ceil(blocks / columns)
  const last = columns === 1 ? Math.ceil((n - (rows - 1) * page) / wide) : tall
  return { columns, wide, tall, height: (rows - 1) * (tall + GAP) + last }
}

// Squarified treemap (Bruls, Huizing & van Wijk 2000): rectangles of given areas, as square as can be, in a rectangle
function treemap(areas: number[], width: number, height: number): Plot[] {
  const order = areas.map((_, k) => k).sort((a, b) => areas[b] - areas[a] || a - b)
  const plots: Plot[] = new Array(areas.length)
  let [x, y, w, h] = [0, 0, width, height]
  let row: number[] = []
  const worst = (ks: number[], side: number) => {
    const sum = ks.reduce((s, k) => s + areas[k], 0)
    return Math.max(...ks.map((k) => Math.max((side * side * areas[k]) / (sum * sum), (sum * sum) / (side * side * areas[k]))))
  }
  const lay = () => {
    const sum = row.reduce((s, k) => s + areas[k], 0)
    const isColumn = w >= h
    const thick = sum / (isColumn ? h : w)
    let along = isColumn ? y : x
    for (const k of row) {
      const long = areas[k] / thick
      plots[k] = isColumn ? { x, y: along, w: thick, h: long } : { x: along, y, w: long, h: thick }
      along += long
    }
    if (isColumn) { x += thick; w -= thick } else { y += thick; h -= thick }
    row = []
  }
  for (const k of order) {
    const side = Math.min(w, h)
    if (row.length && worst([...row, k], side) > worst(row, side)) lay()
    row.push(k)
  }
  if (row.length) lay()
  return plots
}

// above: the height over a district that is kept free for its name
export function planOf(districts: District[], page: number, stride: number, aspect = 1.5, above = 13): Plan {
  const starts: number[] = []
  let total = 0
  for (const d of districts) { starts.push(total); total += d.citizens }
  const pixels = Math.ceil(total / stride)
  const first = starts.map((s) => Math.ceil(s / stride))
  const sizes = first.map((s, k) => Math.max(1, (k + 1 < first.length ? first[k + 1] : pixels) - s))
  for (let room = 1.04; ; room *= 1.03) {
    const areas = sizes.map((n) => n * room + (Math.sqrt(n) + 12) * (above + APART))
    const area = areas.reduce((s, a) => s + a, 0)
    const [width, height] = [Math.ceil(Math.sqrt(area * aspect)), Math.ceil(Math.sqrt(area / aspect))]
    const plots = treemap(areas, width, height).map((p) => ({ x: Math.round(p.x), y: Math.round(p.y) + above, w: Math.max(1, Math.round(p.x + p.w) - Math.round(p.x) - APART), h: Math.round(p.y + p.h) - Math.round(p.y) - above - 2 }))
    const cuts = plots.map((p, k) => inside(sizes[k], page, p.w))
    if (cuts.some((c, k) => c.height > plots[k].h) && room < 9) continue
    const tallest = Math.max(height, ...plots.map((p, k) => p.y + cuts[k].height))
    const at = new Uint32Array(pixels)
    const who = new Int32Array(width * tallest).fill(-1)
    sizes.forEach((n, k) => {
      const { columns, wide, tall } = cuts[k]
      for (let i = 0; i < n && first[k] + i < pixels; i++) {
        const block = Math.floor(i / page)
        const within = i - block * page
        const px = plots[k].x + (block % columns) * (wide + GAP) + (within % wide)
        const py = plots[k].y + Math.floor(block / columns) * (tall + GAP) + Math.floor(within / wide)
        at[first[k] + i] = py * width + px
        who[py * width + px] = first[k] + i
      }
    })
    return { width, height: tallest, at, who, plots, first, pixels }
  }
}

// Okabe & Ito (2008): told apart by colour-blind readers; from the best class to the worst, as in the reports
export const CLASSES = ['#00507d', '#0072B2', '#56B4E9', '#b7c9d6', '#efd9a7', '#E69F00', '#D55E00', '#8f2f00']
export const LISTS = { black: '#000000', court: '#a3458a', red: '#009E73' }
export const LISTS_DARK = { black: '#ffffff', court: '#e18fc6', red: '#2fd6a3' }
export const TRUTHS = { wrongly: '#D55E00', rightly: '#E69F00', misnamed: '#CC79A7', free: '#0072B2', violated: '#9db4c4', none: '#dfe6ea' }
export const TRUTHS_DARK = { ...TRUTHS, violated: '#58707f', none: '#2a343c' }
export const SHARES = ['#d2dee6', '#efd9a7', '#E69F00', '#D55E00', '#8f2f00']

function abgr(hex: string): number {
  const n = parseInt(hex.slice(1), 16)
  return (0xff000000 | ((n & 0xff) << 16) | (n & 0xff00) | (n >> 16)) >>> 0
}

export interface Told {
  classes: { letter: string; name: Record<string, string> | null; sanctioned: boolean }[]
  bits: Record<string, number>
  notes: Record<string, number>
  stride: number
}

// The colour of each of the 256 bytes of a layer
export function paletteOf(told: Told, layer: string, dark: boolean): Uint32Array {
  const found = new Uint32Array(256)
  if (told.stride > 1) {
    for (let b = 0; b < 256; b++) found[b] = abgr(SHARES[b === 0 ? 0 : Math.min(4, 1 + Math.floor(Math.log2(b / 4 + 1)))])
    return found
  }
  const lists = dark ? LISTS_DARK : LISTS
  const truths = dark ? TRUTHS_DARK : TRUTHS
  for (let b = 0; b < 256; b++) {
    if (layer === 'status') {
      const colour = b & told.bits.black ? lists.black : b & told.bits.court ? lists.court : b & told.bits.red ? lists.red : classColour(told, b & 7)
      found[b] = abgr(colour)
    } else {
      const n = told.notes
      const colour = b & n.wrongly_sanctioned ? truths.wrongly : b & n.sanctioned ? truths.rightly : b & n.misnamed ? truths.misnamed
        : b & n.went_free ? truths.free : b & n.violated ? truths.violated : truths.none
      found[b] = abgr(colour)
    }
  }
  return found
}

// Few classes are spread over the whole range, so that the best and the worst always stand out
export function classColour(told: Told, k: number): string {
  const n = told.classes.length
  if (n <= 1) return CLASSES[3]
  return CLASSES[Math.min(7, Math.round((k * 7) / (n - 1)))]
}

export const FAINT = abgr('#e9edf0')
export const FAINT_DARK = abgr('#20282f')
