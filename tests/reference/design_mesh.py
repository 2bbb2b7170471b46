"""Naive twins of the mesh kernels of `design`: plain Python, one triangle at a time."""

import math


def measure_faces(vertices, faces):
    edges, areas, volume = [], [], 0.0
    for a, b, c in faces:
        p, q, r = vertices[a], vertices[b], vertices[c]
        edges += [math.dist(p, q), math.dist(q, r), math.dist(r, p)]
        n = cross(minus(q, p), minus(r, p))
        areas.append(math.hypot(*n) / 2.0)
        volume += sum(x * y for x, y in zip(p, n, strict=True)) / 6.0
    return min(edges), sum(area == 0.0 for area in areas), sum(areas), volume


def count_bodies(faces):
    bodies = []
    for face in faces:
        touched = [body for body in bodies if body & set(face)]
        bodies = [body for body in bodies if not body & set(face)]
        bodies.append(set(face).union(*touched))
    return len(bodies)


def minus(p, q):
    return [x - y for x, y in zip(p, q, strict=True)]


def cross(u, v):
    return [
        u[1] * v[2] - u[2] * v[1],
        u[2] * v[0] - u[0] * v[2],
        u[0] * v[1] - u[1] * v[0],
    ]
