import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';

/** Where Debian's, Ubuntu's and Google's packages put Chromium with SwiftShader and a Vulkan loader. */
const FOLDERS = ['/usr/lib/chromium', '/usr/lib/chromium-browser', '/opt/google/chrome', '/opt/chromium.org/chromium'];
const RTLD_NODELETE = 0x1000;

/**
 * Lets Dawn find Chromium's software Vulkan where the environment names no driver, without LD_LIBRARY_PATH.
 *
 * Call it before a gpu is asked for. Where there is no Chromium it does nothing, and WebGPU says that it found no adapter.
 */
export function offerSoftwareVulkan(): void {
  const folder = FOLDERS.find((path) => existsSync(join(path, 'vk_swiftshader_icd.json')));
  if (!folder) return;
  process.env['VK_ICD_FILENAMES'] ??= join(folder, 'vk_swiftshader_icd.json');
  const loader = join(folder, 'libvulkan.so.1');
  if (!existsSync(loader)) return;
  try {
    // Loads the library for good; Dawn then finds it by its name. It is no Node addon, so the call itself must fail.
    process.dlopen({ exports: {} }, loader, constants.dlopen.RTLD_NOW | RTLD_NODELETE);
  } catch {
    // expected
  }
}
