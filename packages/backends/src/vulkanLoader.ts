import { inNode } from './builtin.js';

/** Whether the Vulkan loader that Dawn needs on Linux can be loaded; true where another graphics interface serves (macOS, Windows). */
export function hasVulkanLoader(): boolean {
  if (!inNode() || process.platform !== 'linux') return true;
  try {
    // Searches as Dawn will. It is no Node addon, so the call fails either way; the message tells which.
    process.dlopen({ exports: {} }, 'libvulkan.so.1');
    return true;
  } catch (error) {
    return !/cannot open shared object file|Error loading shared library/.test((error as Error).message);
  }
}
