import type { StudioMessages } from './messages.js';

/** The page in Chinese (simplified). */
export const chineseMessages: StudioMessages = {
  language: 'zh', name: '中文', direction: 'ltr',
  text: {
    description: '拖动 GAN 学到的东西：移动、缩放、淡化、添加其中的物体。',
    models: '模型', modelsTitle: '选择模型', photo: '照片', photoTitle: '从照片开始 (P)', pin: '标记', pinTitle: '把此刻标记为关键帧 (K)',
    share: '分享', shareTitle: '复制此图像的链接', export: '导出', exportTitle: '保存图像、影片、布局 (E)', helpTitle: '帮助与设置 (?)', themeTitle: '浅色或深色',
    firstHint: '拖动彩色圆点：对应的物体随之移动', opening: '正在打开模型', chooseAnother: '选择其他模型', drop: '放下模型、布局、保存的图像或照片',
    progress: '进度', file: '文件', close: '关闭', cancel: '取消', save: '保存', onServer: '服务器上的 {backend}',
    lost: '模型已中断，正在重新打开。您的编辑不会丢失。', recovered: '模型已恢复。', couldNotOpen: '无法打开 {name}',
    linkCopied: '链接已复制：它包含整个编辑，任何服务器都看不到。', linkInBar: '链接在地址栏中：它包含整个编辑。',
    pinned: '已标记第 {count} 个时刻；“导出”可将它们制成影片。', otherFile: '此文档由模型“{name}”的另一个文件制成，图像会有所不同。',
    otherModel: '此文档由模型“{name}”制成，图像会有所不同。',
    askTitle: '加载链接中的模型？', askText: '此链接由位于 {host} 的模型“{name}”制成。', askYes: '加载',
    reading: '正在读取 {name}', connecting: '正在连接服务器', megabytes: '{come} MB', megabytesOf: '{come} / {total} MB',
    address: '模型文件的地址', openAddress: '打开地址', openFile: '打开文件…',
    modelsNote: '模型文件为“spatialgan export”或“spatialgan convert”生成的 .safetensors。打开过的模型保存在此浏览器中，下次无需网络。',
    forget: '移除 {name}', withPage: '随页面提供', atServer: '在服务器上', recent: '最近使用', inBrowser: '在此浏览器中', computedThere: '在服务器上计算',
    format: '格式', png: '图像', pngDetail: 'PNG，内含布局：拖回此处即可继续编辑', gif: 'GIF', gifDetail: '循环播放的拖动过程，随处可用',
    webm: 'WebM', webmDetail: '拖动过程的影片，小而流畅', zip: '逐帧', zipDetail: '拖动过程的 PNG 文件，打包为 zip', json: '布局', jsonDetail: 'JSON：布局、隐变量、设置',
    keyframes: '关键帧', ends: '原图 → 编辑图', edits: '每一步编辑', pins: '标记的时刻', between: '两帧之间', seconds: '{value} 秒', fps: '每秒帧数',
    easing: '缓动', easeInOut: '两端缓慢', easeOut: '结尾缓慢', linear: '匀速', back: '再返回，使其循环',
    size: '尺寸', ownSize: '{side}（模型原尺寸）', scaling: '放大方式', smooth: '平滑', pixels: '硬像素',
    pinnedMoment: '标记的时刻 {number}', removePin: '移除标记的时刻 {number}', frames: '{count} 帧，{seconds} 秒', framesDone: '第 {done} 帧，共 {count} 帧',
    noPins: '请标记至少两个时刻：编辑，按“标记”，继续编辑，再按“标记”。', noEdits: '尚未编辑：请先拖动某个区域。', noWebm: '此浏览器无法编码 WebM',
    photoDialog: '从照片开始', noImage: '浏览器无法读取此文件；请使用 PNG、JPEG 或 WebP。', photoWanted: '模型所见的照片', photoMade: '模型的图像',
    effort: '精细程度', quick: '快速', good: '良好', best: '最佳', choosePhoto: '选择照片', photoStays: '或拖放、粘贴照片：它不会离开这台电脑', photoGoes: '或拖放、粘贴照片：它只会发送到您的服务器',
    model: '模型', another: '换一张照片', find: '开始寻找', editThis: '编辑此图',
    photoNote: '模型在它能生成的图像中寻找与您的照片最相似的一张：与训练图像类似的人脸效果最好。',
    frameIt: '请按模型自身图像的取景方式裁剪。', lookingForStart: '正在寻找起点', step: '第 {step} 步，共 {steps} 步，相似度 {psnr} dB', found: '已找到：相似度 {psnr} dB',
    noGradients: '此模型的运行环境无法计算梯度，而照片需要梯度。', crop: '照片的一部分：拖动或用方向键移动，+ 和 - 缩放', zoom: '缩放',
    help: '帮助', language: '语言', theme: '配色', auto: '跟随系统', light: '浅色', dark: '深色', contrast: '高对比度', onImage: '在图像上', everywhere: '任意位置',
    helpText: '模型自行学会了图像中哪些部位属于一体。每个彩色圆点就是这样一个部位：拖动它，那里的内容随之移动。层级 0 是整体，层级 1 和 2 是它的各部分。',
    helpPrivate: '模型在此浏览器中计算；若服务器提供自己的模型，则在该服务器上计算。您打开的内容不会发送到别处。',
    helpNote: '各工具的按键见其提示。SpatialGAN 依据论文“Spatial Steerability of GANs via Self-Supervision from Discriminator”（Wang 等）。',
  },
  phrases: {
    'reading the model': '正在读取模型', 'starting the backend': '正在启动计算后端', 'Open link': '打开链接', 'Open layout': '打开布局', 'Open photo': '打开照片',
  },
  imageKeys: {
    '拖动': '移动区域，其下属区域随之移动', 'Alt + 拖动': '单独移动', 'Tab': '下一个区域', '← ↑ → ↓': '移动；Shift 大步，Alt 单独', '+, −': '放大、缩小', '双指捏合': '同上，用两根手指', 'Delete': '移除', 'Esc': '撤回拖动',
  },
  pageKeys: {
    'Ctrl Z, Ctrl Y': '撤销、重做', 'K': '把此刻标记为关键帧', 'E': '导出', 'P': '从照片开始', 'Ctrl S': '保存图像', 'Ctrl O': '打开模型', '?': '本页',
  },
};
