export { projectPoint } from './roomCamera.js';
export { renderRoom, type RoomImage } from './renderRoom.js';
export { rooms, type RoomsDataset, type RoomsOptions } from './rooms.js';
export { type HueBand, roomGamma, roomPalette, roomSaturation } from './roomPalette.js';
export { type Hsv, moveRoomObject, type RoomKind, roomKinds, type RoomObject, type RoomScene, type RoomSurface, type Vector } from './roomScene.js';
export { type ObjectVisibility, roomVisibility, wellSeen } from './roomVisibility.js';
export { sampleRoom } from './sampleRoom.js';
