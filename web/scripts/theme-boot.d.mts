import type { Plugin } from 'vite'

export function themeBoot(): Plugin
