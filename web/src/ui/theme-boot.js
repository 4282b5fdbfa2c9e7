// Sets the chosen theme on <html> before the first paint, so that nothing flashes. The build emits it as a small
// classic script of its own (scripts/theme-boot.mjs): the pages' policy allows no script within the HTML.
try {
  const { theme } = JSON.parse(localStorage.getItem('fourhands.settings') || '{}')
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme
} catch {
  // Storage is blocked: the system's theme it is.
}
