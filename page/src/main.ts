import { mount } from 'svelte'
import './page.css'
import App from './App.svelte'
import { words } from './lib/words.svelte'

await words.choose(words.preferred())
mount(App, { target: document.getElementById('page')! })
