"""Naive twin of the layer sums: every plane cuts every triangle."""

import math


def sum_layers(vertices, faces, bottom, layer, num_layers):
    cuts = [_cut(vertices, faces, bottom + (i + 0.5) * layer) for i in range(num_layers)]
    perimeters = [sum(math.dist(p, q) for p, q in cut) for cut in cuts]
    areas = [sum(p[0] * q[1] - p[1] * q[0] for p, q in cut) / 2.0 for cut in cuts]
    return perimeters, areas


def _cut(vertices, faces, plane):
    segments = []
    for face in faces:
        corners = [vertices[i] for i in face]
        ends = {}
        for a, b in zip(corners, corners[1:] + corners[:1], strict=True):
            if (a[2] >= plane) != (b[2] >= plane):
                t = (plane - a[2]) / (b[2] - a[2])
                point = (a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1]))
                ends["end" if b[2] >= plane else "start"] = point
        if ends:
            segments.append((ends["start"], ends["end"]))
    return segments
