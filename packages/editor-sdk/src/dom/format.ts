/** Fills the `{names}` of a message. */
export function format(template: string, values: Readonly<Record<string, string | number>>): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

export const percent = (value: number): string => `${Math.round(value * 100)} %`;
export const degrees = (radians: number): string => `${Math.round((radians * 180) / Math.PI)}°`;
