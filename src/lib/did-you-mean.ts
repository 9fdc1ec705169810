/** Distance of two words after Damerau and Levenshtein (neighbouring letters swapped count once). */
export function editDistance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min((row[j - 1] ?? 0) + 1, (rows[i - 1]?.[j] ?? 0) + 1, (rows[i - 1]?.[j - 1] ?? 0) + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) best = Math.min(best, (rows[i - 2]?.[j - 2] ?? 0) + 1);
      row.push(best);
    }
    rows.push(row);
  }
  return rows[a.length]?.[b.length] ?? 0;
}

/** The known word that was most likely meant, or undefined when none is near: a third of its letters may be wrong, or it may be cut short. */
export function closest(typed: string, known: readonly string[]): string | undefined {
  if (typed.length === 0 || typed.length > 64) return undefined;
  let best: { word: string; distance: number } | undefined;
  for (const word of known) {
    const cut = typed.length >= 3 && (word.startsWith(typed) || word.split(/[- ]/).includes(typed));
    const distance = cut ? 1 : editDistance(typed, word);
    if (distance <= Math.max(1, Math.floor(Math.max(word.length, typed.length) / 3)) && (best === undefined || distance < best.distance))
      best = { word, distance };
  }
  return best?.word;
}
