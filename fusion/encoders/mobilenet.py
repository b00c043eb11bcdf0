"""MobileNetV3-small (Howard et al. 2019), to train from scratch where photos differ from ImageNet.

X-rays, thermal pictures, close-ups of a weld: features of everyday photos may not serve there.
"""

from __future__ import annotations

from torch import Tensor, nn

STAGES = (
    # kernel, expanded, out, squeeze-excitation, hard swish, stride: table 2 of the paper
    (3, 16, 16, True, False, 2),
    (3, 72, 24, False, False, 2),
    (3, 88, 24, False, False, 1),
    (5, 96, 40, True, True, 2),
    (5, 240, 40, True, True, 1),
    (5, 240, 40, True, True, 1),
    (5, 120, 48, True, True, 1),
    (5, 144, 48, True, True, 1),
    (5, 288, 96, True, True, 2),
    (5, 576, 96, True, True, 1),
    (5, 576, 96, True, True, 1),
)
FIRST, WIDTH = 16, 576


class MobileNetV3Small(nn.Module):
    """Pixels to cells of 32 by 32 pixels; 0.93 million parameters."""

    width = WIDTH

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = [_conv(3, FIRST, 3, 2), nn.Hardswish()]
        inputs = FIRST
        for kernel, expanded, outputs, squeezed, hard, stride in STAGES:
            layers.append(
                Bottleneck(inputs, expanded, outputs, kernel, stride, squeezed=squeezed, hard=hard)
            )
            inputs = outputs
        self.layers = nn.Sequential(*layers, _conv(inputs, WIDTH, 1, 1), nn.Hardswish())

    def forward(self, pixels: Tensor) -> Tensor:
        """(n, cells, 576) from (n, 3, side, side) pixels of about [-1, 1]."""
        maps: Tensor = self.layers(pixels)
        return maps.flatten(2).transpose(1, 2)


class Bottleneck(nn.Module):
    """Widen, look around channel by channel, weigh channels, narrow; added to what came in."""

    def __init__(
        self, inputs: int, expanded: int, outputs: int, kernel: int, stride: int,
        *, squeezed: bool, hard: bool,
    ) -> None:  # fmt: skip
        super().__init__()
        layers: list[nn.Module] = []
        if expanded != inputs:
            layers += [_conv(inputs, expanded, 1, 1), _bend(hard=hard)]
        layers += [_conv(expanded, expanded, kernel, stride, groups=expanded), _bend(hard=hard)]
        if squeezed:
            layers.append(SqueezeExcitation(expanded))
        self.layers = nn.Sequential(*layers, _conv(expanded, outputs, 1, 1))
        self.kept = stride == 1 and inputs == outputs

    def forward(self, maps: Tensor) -> Tensor:
        """(n, outputs, height / stride, width / stride)."""
        out: Tensor = self.layers(maps)
        return maps + out if self.kept else out


class SqueezeExcitation(nn.Module):
    """Channel weights from channel means (Hu et al. 2018)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        inner = max(8, (channels // 4 + 4) // 8 * 8)
        # Rounding to eight may not take more than a tenth away.
        inner += 8 * (inner < 0.9 * (channels // 4))
        self.narrow = nn.Conv2d(channels, inner, 1)
        self.widen = nn.Conv2d(inner, channels, 1)

    def forward(self, maps: Tensor) -> Tensor:
        """The maps, each channel scaled by 0 to 1."""
        means = maps.mean(dim=(2, 3), keepdim=True)
        scale = nn.functional.hardsigmoid(self.widen(nn.functional.relu(self.narrow(means))))
        return maps * scale


def _conv(inputs: int, outputs: int, kernel: int, stride: int, groups: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(outputs, eps=1e-3, momentum=0.01),
    )


def _bend(*, hard: bool) -> nn.Module:
    return nn.Hardswish() if hard else nn.ReLU()
