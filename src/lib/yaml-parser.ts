/** The YAML library, loaded when a text has to be read or written and at no other time. The only module that names it. */
export function loadYaml(): Promise<typeof import('yaml')> {
  return import('yaml');
}
