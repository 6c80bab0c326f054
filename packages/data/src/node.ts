export { avatars, type AvatarDataset, type AvatarPlacement, type AvatarsOptions } from './avatars.js';
