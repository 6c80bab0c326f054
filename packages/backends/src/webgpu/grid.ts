/** WGSL: the number of a workgroup in a grid that {@link foldGroups} made. */
export const GROUP_INDEX = /* wgsl */ `
fn groupIndex(group: vec3u, groups: vec3u) -> i32 {
  return i32(group.x + groups.x * (group.y + groups.y * group.z));
}
`;

/** A grid of at least `groups` workgroups, none of its sides above the device's limit (65 535 as a rule). */
export function foldGroups(groups: number, limit: number): [number, number, number] {
  if (groups <= limit) return [groups, 1, 1];
  const rows = Math.ceil(groups / limit);
  if (rows <= limit) return [Math.ceil(groups / rows), rows, 1];
  const side = Math.ceil(Math.sqrt(groups / limit));
  return [limit, side, Math.ceil(groups / (limit * side))];
}
