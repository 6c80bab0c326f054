"""The benchmark's networks, losses and steps in eager PyTorch, written from the paper and this repository's own description.

A peer to be timed, not a product: plain operations, all cores, no compilation. `eager.py check CASES` holds it against the
golden cases; `eager.py serve` builds a configuration (a line of JSON on stdin) and then runs one piece per line, answering
with its milliseconds of CPU time.
"""
import json
import struct
import sys
import time
from math import sqrt

import torch
import torch.nn.functional as F

ROOT2 = sqrt(2)


def fir():
    f = torch.tensor([1.0, 3.0, 3.0, 1.0])
    f = torch.outer(f, f)
    return f / f.sum()


def resample(x, up=1, down=1, pad=(0, 0), gain=1.0):
    """Zeros between pixels, padding, low-pass, every down-th pixel. pad is (before, after) on both axes."""
    n, c, h, w = x.shape
    if up > 1:
        x = F.pad(x.reshape(n, c, h, 1, w, 1), [0, up - 1, 0, 0, 0, up - 1]).reshape(n, c, h * up, w * up)
    x = F.pad(x, [pad[0], pad[1], pad[0], pad[1]])
    f = (fir().to(x.dtype) * gain)[None, None].expand(c, 1, 4, 4)
    return F.conv2d(x, f, stride=down, groups=c)


def conv(p, name, x, act=None, gain=1.0, down=1):
    w = p[name + '.weight']
    w = w / sqrt(w[0].numel())
    k = w.shape[-1]
    if down == 1:
        y = F.conv2d(x, w, padding=k // 2)
    elif k == 1:
        y = F.conv2d(resample(x, down=down, pad=(1, 1)), w)
    else:
        y = F.conv2d(resample(x, pad=(2, 2)), w, stride=down)
    b = p.get(name + '.bias')
    if b is not None:
        y = y + b[None, :, None, None]
    if act:
        y, gain = F.leaky_relu(y, 0.2), gain * ROOT2
    return y * gain if gain != 1 else y


def dense(p, name, x, act=False, lr=1.0):
    w = p[name + '.weight']
    y = F.linear(x, w * (lr / sqrt(w.shape[1])), p[name + '.bias'] * lr)
    return F.leaky_relu(y, 0.2) * ROOT2 if act else y


def sized(x, size):
    return x if x.shape[-1] == size else F.interpolate(x, size=(size, size), mode='bilinear', align_corners=True)


class Generator:
    def __init__(self, resolution, w_dim):
        self.resolutions = [4 * 2 ** i for i in range(resolution.bit_length() - 2)]
        self.w_dim = w_dim
        self.num_ws = 2 * len(self.resolutions)

    def mapping(self, p, z):
        x = z * (z.square().mean(1, keepdim=True) + 1e-8).rsqrt()
        for i in range(2):
            x = dense(p, f'mapping.fc{i}', x, act=True, lr=0.01)
        return x[:, None].expand(-1, self.num_ws, -1)

    def sel(self, p, name, x, maps):
        h = conv(p, name + '.shared.0', sized(maps, x.shape[-1]), act='lrelu')
        sigma, mu = conv(p, name + '.sigma', h), conv(p, name + '.mu', h)
        y = F.leaky_relu(F.instance_norm(x) * (1 + sigma) + mu, 0.2)
        return x + 0.1 * conv(p, name + '.output.1', y)

    def layer(self, p, name, x, w, maps, up=1, noise='const'):
        x = self.sel(p, name + '.sel', x, maps)
        styles = dense(p, name + '.affine', w)
        weight = p[name + '.weight']
        demod = (styles.square() @ weight.square().sum([2, 3]).t() + 1e-8).rsqrt()
        x = x * styles[:, :, None, None]
        if up == 1:
            y = F.conv2d(x, weight, padding=1)
        else:
            y = resample(F.conv_transpose2d(x, weight.transpose(0, 1), stride=2), pad=(1, 1), gain=4.0)
        y = y * demod[:, :, None, None]
        r = y.shape[-1]
        n = p[name + '.noise_const'] if noise == 'const' else torch.randn(y.shape[0], 1, r, r)
        y = y + n * p[name + '.noise_strength'] + p[name + '.bias'][None, :, None, None]
        return F.leaky_relu(y, 0.2) * ROOT2

    def to_rgb(self, p, name, x, w, maps):
        x = self.sel(p, name + '.sel', x, maps)
        weight = p[name + '.weight']
        x = x * (dense(p, name + '.affine', w) / sqrt(weight[0].numel()))[:, :, None, None]
        return F.conv2d(x, weight) + p[name + '.bias'][None, :, None, None]

    def synthesis(self, p, ws, heatmaps, noise='const'):
        maps = {}
        for r in (8, 16, 32):
            h = conv(p, f'synthesis.hm_conv0_b{r}', heatmaps[f'b{r}'], act='lrelu')
            maps[r // 2] = conv(p, f'synthesis.hm_conv1_b{r}', h, act='lrelu', gain=sqrt(0.5))
        every = torch.cat([maps[4], maps[8], maps[16]], 1)
        x = img = None
        index = 0
        for r in self.resolutions:
            name, m = f'synthesis.b{r}', maps.get(r, every)
            if x is None:
                x = p[name + '.const'][None].expand(ws.shape[0], -1, -1, -1)
            else:
                x = self.layer(p, name + '.conv0', x, ws[:, index], m, up=2, noise=noise)
                index += 1
            x = self.layer(p, name + '.conv1', x, ws[:, index], m, noise=noise)
            index += 1
            y = self.to_rgb(p, name + '.torgb', x, ws[:, index], m)
            img = y if img is None else resample(img, up=2, pad=(2, 1), gain=4.0) + y
        return img


def discriminator(p, img, taps=None):
    r, x = img.shape[-1], None
    while r > 4:
        name = f'b{r}'
        if x is None:
            x = conv(p, name + '.fromrgb', img, act='lrelu')
        y = conv(p, name + '.conv1', conv(p, name + '.conv0', x, act='lrelu'), act='lrelu', gain=sqrt(0.5), down=2)
        x = conv(p, name + '.skip', x, gain=sqrt(0.5), down=2) + y
        if taps is not None:
            taps[name] = x
        r //= 2
    n, c, h, w = x.shape
    g = min(4, n)
    y = x.reshape(g, n // g, c, h, w)
    y = (y - y.mean(0)).square().mean(0).add(1e-8).sqrt().mean([1, 2, 3])
    x = torch.cat([x, y.reshape(-1, 1, 1, 1).repeat(g, 1, h, w)], 1)
    x = conv(p, 'b4.conv', x, act='lrelu')
    return dense(p, 'b4.out', dense(p, 'b4.fc', x.flatten(1), act=True))


def minmax(x):
    low, high = x.detach().amin([1, 2, 3], keepdim=True), x.detach().amax([1, 2, 3], keepdim=True)
    return torch.nan_to_num((x - low) / (high - low))


def align(p, img, features, heatmaps):
    """Attention of D on the images against the heatmaps (reference reading); the weights are constants."""
    taps = {}
    constant = img.detach().requires_grad_()
    score = F.softplus(-discriminator(p, constant, taps)).sum()
    names = ['b8', 'b16', 'b32']
    total = 0
    for name, g in zip(names, torch.autograd.grad(score, [taps[n] for n in names])):
        m = F.relu(g.mean([2, 3], keepdim=True) * features[name]).sum(1, keepdim=True)
        target = heatmaps[name]
        if target.shape[1] > 1:
            target = minmax(target.mean(1, keepdim=True))
        d = (minmax(sized(m, target.shape[-1])) - target).abs()
        kept = d.detach() > 0.25
        total = total + (d[kept].mean() if kept.sum() > 1 else d.mean())
    return total


def g_main(gen, G, D, z, heatmaps, noise):
    img = gen.synthesis(G, gen.mapping(G, z), heatmaps, noise)
    taps = {}
    logits = discriminator(D, img, taps)
    adversarial = F.softplus(-logits)
    a = align(D, img, taps, heatmaps)
    return adversarial, a


def shapes(c):
    """State of both networks: channels min(base / r, most), as the configuration says."""
    nf = lambda r: min(c['channelBase'] // r, c['channelMax'])
    G, D, w = {}, {}, c['wDim']
    add = lambda p, name, o, i, k, bias=True: p.update({name + '.weight': (o, i, k, k), **({name + '.bias': (o,)} if bias else {})})
    full = lambda p, name, o, i: p.update({name + '.weight': (o, i), name + '.bias': (o,)})
    for i in range(2):
        full(G, f'mapping.fc{i}', w, w)
    for r, k in ((8, 1), (16, 2), (32, 4)):
        add(G, f'synthesis.hm_conv0_b{r}', 16, k, 3)
        add(G, f'synthesis.hm_conv1_b{r}', 32, 16, 3)
    r = 4
    while r <= c['resolution']:
        name, o = f'synthesis.b{r}', nf(r)
        if r == 4:
            G[name + '.const'] = (o, 4, 4)
        for layer, i, out, k in ((('conv0', nf(r // 2), o, 3),) if r > 4 else ()) + (('conv1', o, o, 3), ('torgb', o, 3, 1)):
            at = f'{name}.{layer}'
            add(G, at, out, i, k)
            full(G, at + '.affine', i, w)
            if layer != 'torgb':
                G[at + '.noise_strength'], G[at + '.noise_const'] = (), (r, r)
            add(G, at + '.sel.shared.0', 64, 96 if r > 16 else 32, 3)
            add(G, at + '.sel.sigma', 1, 64, 3)
            add(G, at + '.sel.mu', 1, 64, 3)
            add(G, at + '.sel.output.1', i, i, 3)
        r *= 2
    r = c['resolution']
    add(D, f'b{r}.fromrgb', nf(r), 3, 1)
    while r > 4:
        add(D, f'b{r}.conv0', nf(r), nf(r), 3)
        add(D, f'b{r}.conv1', nf(r // 2), nf(r), 3)
        add(D, f'b{r}.skip', nf(r // 2), nf(r), 1, bias=False)
        r //= 2
    add(D, 'b4.conv', nf(4), nf(4) + 1, 3)
    full(D, 'b4.fc', nf(4), nf(4) * 16)
    full(D, 'b4.out', 1, nf(4))
    return G, D


class Steps:
    """Gmain, Dmain, Dreg with Adam and the moving average, and images, on random parameters of the given shapes."""

    def __init__(self, c):
        torch.manual_seed(1)
        self.c, self.gen = c, Generator(c['resolution'], c['wDim'])
        make = lambda state: {k: torch.randn(s) for k, s in state.items()}
        self.G, self.D = map(make, shapes(c))
        for p in (self.G, self.D):
            for k in p:
                if k.endswith('.bias') or k.endswith('noise_strength'):
                    p[k].fill_(1.0 if k.endswith('affine.bias') else 0.0)
                if k.startswith('mapping.') and k.endswith('.weight'):
                    p[k].mul_(100)
        train = lambda p: [v.requires_grad_() for k, v in p.items() if not k.endswith('noise_const')]
        self.train = {'G': train(self.G), 'D': train(self.D)}
        self.ema = {k: v.detach().clone() for k, v in self.G.items()}
        self.optimizer = {n: torch.optim.Adam(v, lr=0.0025, betas=(0.0, 0.99), eps=1e-8) for n, v in self.train.items()}
        self.real = torch.rand(c['batch'], 3, c['resolution'], c['resolution'])

    def draw(self, n):
        r = self.c['resolution']
        grid = torch.linspace(-1, 1, r)
        maps = {}
        for name, k in (('b8', 1), ('b16', 2), ('b32', 4)):
            cy, cx, s = torch.rand(3, n, k, 1, 1)
            d = (grid[:, None] - (cy - 0.5)) ** 2 + (grid[None] - (cx - 0.5)) ** 2
            maps[name] = torch.exp(-d / (0.1 + s)) + 0.01
        return torch.randn(n, self.c['wDim']), maps

    def requires(self, name):
        for n, ps in self.train.items():
            for p in ps:
                p.requires_grad_(n == name)

    def update(self, name):
        for p in self.train[name]:
            if p.grad is not None:
                torch.nan_to_num(p.grad, nan=0, posinf=1e5, neginf=-1e5, out=p.grad)
        self.optimizer[name].step()
        self.optimizer[name].zero_grad(set_to_none=True)
        with torch.no_grad():
            for k, v in self.ema.items():
                v.copy_(self.G[k].lerp(v, 0.999))

    def Gmain(self):
        self.requires('G')
        adversarial, a = g_main(self.gen, self.G, self.D, *self.draw(self.c['batch']), 'random')
        (adversarial.mean() + a).backward()
        self.update('G')

    def Dmain(self):
        self.requires('D')
        z, maps = self.draw(self.c['batch'])
        with torch.no_grad():
            img = self.gen.synthesis(self.G, self.gen.mapping(self.G, z), maps, 'random')
        F.softplus(discriminator(self.D, img)).mean().backward()
        F.softplus(-discriminator(self.D, self.real)).mean().backward()
        self.update('D')

    def Dreg(self):
        self.requires('D')
        real = self.real.detach().requires_grad_()
        (g,) = torch.autograd.grad(discriminator(self.D, real).sum(), real, create_graph=True)
        (g.square().sum([1, 2, 3]) * (0.5 * self.c['gamma'])).mean().mul(16).backward()
        self.update('D')

    def images(self, n):
        with torch.no_grad():
            z, maps = self.draw(n)
            return self.gen.synthesis(self.ema, self.gen.mapping(self.ema, z), maps, 'const')

    def image1(self):
        self.images(1)

    def image16(self):
        self.images(16)


def serve():
    c = json.loads(sys.stdin.readline())
    if c.get('threads'):
        torch.set_num_threads(c['threads'])
    steps = Steps(c)
    print(json.dumps({'torch': torch.__version__, 'threads': torch.get_num_threads()}), flush=True)
    for line in sys.stdin:
        start = time.process_time()
        getattr(steps, line.strip())()
        print(json.dumps({'cpu': (time.process_time() - start) * 1000}), flush=True)


def case(folder, name):
    with open(f'{folder}/{name}/case.json') as f:
        meta = json.load(f)
    with open(f'{folder}/{name}/case.safetensors', 'rb') as f:
        n, = struct.unpack('<Q', f.read(8))
        header, data = json.loads(f.read(n)), f.read()
    t = {k: torch.frombuffer(bytearray(data[d['data_offsets'][0]:d['data_offsets'][1]]), dtype=torch.float32).reshape(d['shape'])
         for k, d in header.items() if k != '__metadata__'}
    for k, (src, factor) in meta['args'].get('weights_alias', {}).items():
        t['weights.' + k] = t['weights.' + src] * factor
    return t, {k[8:]: v for k, v in t.items() if k.startswith('weights.')}


def check(folder):
    """Worst error over the largest value of what the golden cases pin."""
    worst = {}

    def hold(label, got, want):
        worst[label] = ((got - want).abs().max() / want.abs().max()).item()

    t, G = case(folder, 'gen_r32_sel')
    gen = Generator(32, 32)
    maps = lambda t: {k: t[f'in.hm_{k}'] for k in ('b8', 'b16', 'b32')}
    hold('gen_r32_sel img', gen.synthesis(G, gen.mapping(G, t['in.z']), maps(t)), t['out.img'])
    t, D = case(folder, 'disc_r32')
    img = t['in.img'].requires_grad_()
    logits = discriminator(D, img)
    hold('disc_r32 logits', logits, t['out.logits'])
    hold('disc_r32 dimg', torch.autograd.grad(logits, img, t['in.dlogits'])[0], t['out.dimg'])
    t, _ = case(folder, 'phase_Gmain')
    for v in G.values():
        v.requires_grad_()
    adversarial, a = g_main(gen, G, D, t['in.z'], maps(t), 'const')
    hold('phase_Gmain loss', adversarial, t['out.loss_G_per_sample'])
    hold('phase_Gmain align', a, t['out.align_loss'])
    (adversarial.mean() + a).backward()
    for k in ('synthesis.b4.const', 'synthesis.b8.conv0.affine.weight', 'synthesis.b8.torgb.sel.sigma.weight', 'mapping.fc0.weight'):
        hold(f'phase_Gmain grad {k}', G[k].grad, t[f'out.grad.{k}'])
    t, _ = case(folder, 'phase_Dreg')
    real = t['in.real'].requires_grad_()
    (g,) = torch.autograd.grad(discriminator(D, real).sum(), real, create_graph=True)
    hold('phase_Dreg r1', g.square().sum([1, 2, 3]), t['out.r1_penalty'])
    for label, error in worst.items():
        print(f'{error:.1e}  {label}')
    if not all(error < 2e-4 for error in worst.values()):
        sys.exit('eager.py disagrees with the golden cases')


if __name__ == '__main__':
    torch.set_num_threads(max(1, torch.get_num_threads()))
    check(sys.argv[2]) if sys.argv[1] == 'check' else serve()
