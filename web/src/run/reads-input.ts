// Whether a program asks for input while it runs, as far as its text shows: such a one is given a terminal on the server,
// where anybody may type. A guess: "Run in a terminal" stands in the menu for what it misses.

const asks: Record<string, RegExp> = {
  python: /\binput\s*\(|\bsys\s*\.\s*stdin\b|\bfileinput\b|\bgetpass\b|\bbreakpoint\s*\(/,
  javascript: /\bprocess\s*\.\s*stdin\b|['"](?:node:)?readline(?:\/promises)?['"]|['"]\/dev\/stdin['"]|\breadFileSync\s*\(\s*0\b/,
  bash: /(?:^|[;&|\s])read(?:\s|$)|\bselect\s+\w+\s+in\b/m,
  c: /\b(?:f?scanf|f?gets|getline|getchar|getc|fgetc|fread)\s*\(|\bSTDIN_FILENO\b/,
  cpp: /\bcin\b|\bgetline\s*\(|\b(?:scanf|fgets|getchar)\s*\(/,
  go: /\bos\.Stdin\b|\bfmt\.(?:F?[Ss]can|Scan)/,
  rust: /\bstdin\s*\(/,
  java: /\bSystem\.in\b|\bSystem\.console\s*\(|\breadln\s*\(/,
  kotlin: /\breadl(?:n|ine)\w*\s*\(|\bSystem\.`?in\b/i,
  csharp: /\bConsole\.(?:Read|In\b)/,
  ruby: /\bgets\b|\bSTDIN\b|\$stdin\b|\bARGF\b/,
  php: /\bSTDIN\b|php:\/\/stdin|\breadline\s*\(/,
  perl: /<STDIN>|<>|\bSTDIN\b/,
  lua: /\bio\.(?:read|lines|stdin)\b/,
  r: /\breadline\s*\(|\bfile\s*\(\s*["']stdin["']|\breadLines\b|\bscan\s*\(/,
  haskell: /\bgetLine\b|\bgetContents\b|\binteract\b|\breadLn\b|\bstdin\b/,
  ocaml: /\bread_line\b|\bread_int\b|\bstdin\b|\bscanf\b/i,
  elixir: /\bIO\.(?:gets|read|stream)\b/,
  scala: /\bStdIn\b|\breadL(?:ine|n)\b|\bSystem\.in\b/,
}
const sameAs: Record<string, string> = { typescript: 'javascript', node: 'javascript' }
const comments: [string[], RegExp][] = [
  [['python', 'ruby', 'perl', 'r', 'bash', 'elixir'], /(?:^|\s)#.*$/gm],
  [['haskell', 'lua'], /--.*$/gm],
]
const slashes = /\/\/.*$|\/\*[\s\S]*?\*\//gm

export function readsInput(language: string, text: string): boolean {
  const name = sameAs[language] ?? language
  const found = asks[name]
  if (found === undefined) return false
  const comment = comments.find(([names]) => names.includes(name))?.[1] ?? slashes
  return found.test(text.replace(comment, ''))
}
