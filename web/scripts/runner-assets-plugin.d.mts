import type { Plugin } from 'vite'

export function runnerAssets(): Plugin
