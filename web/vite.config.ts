import { defineConfig, type Plugin } from 'vite'

/** What the page may load: itself and nothing else. `frame-ancestors` can only be sent by the server. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ')

// Only in the built page: vite's own development client needs inline styles and a socket.
const contentSecurityPolicy: Plugin = {
  name: 'content-security-policy',
  apply: 'build',
  transformIndexHtml: () => [
    { tag: 'meta', attrs: { 'http-equiv': 'Content-Security-Policy', content: POLICY }, injectTo: 'head-prepend' },
  ],
}

const workerOr = (names: string[]): string => (names.some((name) => name.endsWith('.mjs')) ? '.js' : '[extname]')

const API = 'http://127.0.0.1:8000'
const ROUTES = ['/areas', '/addresses', '/exports', '/ogc', '/search', '/session']

export default defineConfig({
  base: './',
  plugins: [contentSecurityPolicy],
  build: {
    outDir: '../api/static',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1500,
    // As .js: a server that does not know .mjs would send the worker with a type browsers refuse to run.
    rolldownOptions: { output: { assetFileNames: (asset) => `assets/[name]-[hash]${workerOr(asset.names)}` } },
  },
  server: { proxy: Object.fromEntries(ROUTES.map((route) => [route, API])) },
})
