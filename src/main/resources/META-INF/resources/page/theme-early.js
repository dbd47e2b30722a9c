// Before the page is drawn: the theme that was chosen here the last time.
try {
  const theme = localStorage.getItem('loci-theme');
  if (theme === 'light' || theme === 'dark') {
    document.documentElement.dataset.theme = theme;
  }
} catch {
  // storage is switched off: the system's theme it is
}
