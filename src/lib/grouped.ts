/** `1,234,567`. By hand: `toLocaleString` loads the language data of all the world, 14 ms for a comma. */
export function grouped(n: number): string {
  return String(n).replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}
