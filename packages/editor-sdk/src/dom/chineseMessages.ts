import type { EditorMessages } from './messages.js';

/** The face in Chinese (simplified). */
export const chineseMessages: EditorMessages = {
  language: 'zh',
  editor: '图像编辑器',
  tools: {
    move: '移动', select: '选择', resize: '缩放', rotate: '旋转', fade: '淡化', add: '添加', duplicate: '复制', restyle: '换外观', lock: '锁定', remove: '移除',
  },
  toolHints: {
    move: '拖动区域，其下属区域随之移动。按住 Alt 单独移动。双指捏合缩放，扭转旋转。',
    select: '画一个矩形框选区域。按住 Shift 追加。',
    resize: '从区域向外拖动以放大。按住 Shift 分别缩放长与宽。',
    rotate: '绕区域拖动以旋转。按住 Shift 每次转 15°。',
    fade: '向下拖动使区域淡出直至物体消失，向上拖动使其恢复。',
    add: '在图像上按下，向所选层级添加区域。',
    duplicate: '按下区域以复制它。',
    restyle: '按下区域以更换其外观。',
    lock: '按下区域使其保持不变。',
    remove: '按下区域以移除它。',
  },
  steps: {
    'Move region': '移动区域', 'Move regions': '移动多个区域', 'Move region alone': '单独移动区域', 'Add region': '添加区域', 'Remove region': '移除区域',
    'Remove regions': '移除多个区域', 'Change region': '修改区域', 'Resize region': '缩放区域', 'Rotate region': '旋转区域', 'Fade region': '淡化区域',
    'Restyle region': '更换区域外观', 'Duplicate region': '复制区域', Lock: '锁定', Unlock: '解锁', 'Lock or unlock': '锁定或解锁', 'Change appearance': '更换外观',
    'Change layout': '更换布局', 'Change truncation': '调整截断', 'Change noise': '调整噪声', 'Change class': '更换类别', Reset: '重置', 'Open document': '打开文档',
  },
  refusals: { readOnly: '此编辑器为只读', lock: '此区域已锁定', capacity: '该层级已满：请先移除一个区域', other: '此处不允许该修改' },
  keys: {
    'Tab': '下一个区域', '← ↑ → ↓': '移动；Shift 大步，Alt 单独', '+ −': '放大、缩小', '[ ]': '旋转', '{ }': '拉伸', ', .': '淡化、增强',
    'Space': '同时选择此区域', 'Ctrl A': '全选', 'Ctrl D': '复制', 'Ctrl Shift L': '锁定', 'Delete': '移除', 'Enter': '对所选区域使用工具',
    'Ctrl Z, Ctrl Y': '撤销、重做', 'Esc': '取消、不选',
  },
  text: {
    toolbar: '工具', show: '显示', history: '历史', undo: '撤销', redo: '重做', step: '{action}：{step}', start: '开始',
    compare: '并排显示原图与编辑图', wipe: '在原图与编辑图之间划动', wipePosition: '划动位置',
    overlay: '在图像上显示热图', attention: '判别器关注之处', pixelated: '硬像素', snap: '吸附到参考线与区域',
    auto: '自动', autoHint: '每次修改后生成新图像', generate: '生成', generateHint: '按当前布局生成图像', reset: '重置', resetHint: '由模型抽取新布局',
    original: '原图', edited: '编辑图', outOfDate: '已过时：请按“生成”',
    heatmaps: '热图', showLevel: '在图像上显示层级 {level}', pickLevel: '编辑层级 {level}', level: '层级 {level}', allResolutions: '全部',
    region: '区域', regions: '{count} 个区域', regionName: '层级 {level}，区域 {number}', regionRole: '可移动区域',
    regionState: '横向 {x}，纵向 {y}，大小 {size}，强度 {strength}', turned: '旋转 {angle}', isLocked: '已锁定', ownStyle: '独立外观',
    gripSize: '拖动以缩放', gripWidth: '拖动以加长', gripHeight: '拖动以加宽', gripRotate: '拖动以旋转',
    size: '大小', stretch: '拉伸', angle: '角度', strength: '强度', lock: '锁定', unlock: '解锁', duplicate: '复制', remove: '移除',
    noSelection: '选择一个区域以修改；按 Shift 选择多个。', selected: '已选择 {names}', nothingSelected: '未选择',
    regionStyle: '独立外观', restyle: '换外观', blend: '与整体混合', globalStyle: '与整体一致',
    appearance: '外观', class: '类别', classNumber: '类别 {number}', mixedClass: '混合', seed: '种子', newSeed: '新外观', truncation: '截断 ψ', truncationHint: '低：典型而干净。高：多样而大胆。',
    noise: '噪声', noiseConst: '固定', noiseNone: '无', noiseSeed: '按种子', noiseSeedValue: '噪声种子',
    latentGallery: '同一布局，不同外观', layoutGallery: '同一外观，不同布局', fill: '生成变体', useItem: '使用变体 {number}，种子 {seed}',
    keyboard: '键盘',
    ready: '就绪', loading: '正在抽取布局', synthesizing: '正在合成', preview: '预览', failed: '合成失败：{reason}', retry: '重试',
    milliseconds: '每幅 {value} 毫秒', undone: '已撤销：{step}', redone: '已重做：{step}', readOnly: '只读',
  },
};
