"""Sparse matrices, frozen distributions, interpolators, spatial trees, optimisation results."""
import numpy as np


def _m(name):
    return __import__(name, fromlist=["x"])


def objects():
    x = np.arange(8.0)
    y = np.sin(x)
    sparse = _m("scipy.sparse")
    for fmt in ("csr", "csc", "coo", "lil", "dok", "dia", "bsr"):
        yield "matrix-" + fmt, lambda f=fmt: getattr(sparse, f + "_matrix")(np.eye(4))
        yield "array-" + fmt, lambda f=fmt: getattr(sparse, f + "_array")(np.eye(4))
        yield "class-" + fmt, lambda f=fmt: getattr(sparse, f + "_matrix")
    stats = _m("scipy.stats")
    for name in sorted(dir(stats)):
        dist = getattr(stats, name)
        if isinstance(dist, (stats.rv_continuous, stats.rv_discrete)):
            yield "dist-" + name, lambda d=dist: d
            yield "frozen-" + name, lambda d=dist: d(*([0.5] * d.numargs))
    yield "multivariate", lambda: [stats.multivariate_normal([0, 0]), stats.dirichlet([1, 2]), stats.wishart(3, np.eye(2)), stats.invwishart(3, np.eye(2)), stats.multinomial(3, [0.5, 0.5])]
    yield "multivariate2", lambda: [stats.multivariate_t([0, 0]), stats.matrix_normal(), stats.multivariate_hypergeom([3, 4], 2), stats.uniform_direction(3), stats.random_correlation([0.5, 1.5])]
    yield "kde", lambda: stats.gaussian_kde(x)
    yield "histogram", lambda: stats.rv_histogram(np.histogram(x))
    yield "rvdiscrete", lambda: stats.rv_discrete(values=([1, 2], [0.5, 0.5]))
    yield "results", lambda: [stats.ttest_ind(x, y), stats.linregress(x, y), stats.pearsonr(x, y), stats.spearmanr(x, y), stats.ks_2samp(x, y), stats.kendalltau(x, y), stats.mannwhitneyu(x, y), stats.f_oneway(x, y), stats.shapiro(x), stats.normaltest(np.arange(30.0)), stats.describe(x), stats.wilcoxon(x, y + 1), stats.mode(x), stats.chisquare([1, 2]), stats.kruskal(x, y)]
    yield "ecdf", lambda: stats.ecdf(x)
    yield "bootstrap", lambda: stats.bootstrap((x,), np.mean, n_resamples=9)
    yield "qmc", lambda: [stats.qmc.Sobol(2), stats.qmc.Halton(2), stats.qmc.LatinHypercube(2)]
    yield "sampling", lambda: [stats.sampling.NumericalInversePolynomial(stats.norm()), stats.sampling.TransformedDensityRejection(stats.norm())]
    yield "newdist", lambda: [stats.Normal(mu=1.0, sigma=2.0), stats.Uniform(a=0.0, b=1.0), stats.Mixture([stats.Normal()])]
    interp = _m("scipy.interpolate")
    yield "interp1d", lambda: [interp.interp1d(x, y), interp.interp1d(x, y, kind="cubic"), interp.interp1d(x, y, kind="nearest")]
    yield "splines", lambda: [interp.CubicSpline(x, y), interp.PchipInterpolator(x, y), interp.Akima1DInterpolator(x, y), interp.BSpline(np.arange(8.0), [1, 2, 3, 4], 3), interp.PPoly(np.ones((2, 2)), [0, 1, 2])]
    yield "splines2", lambda: [interp.UnivariateSpline(x, y), interp.InterpolatedUnivariateSpline(x, y), interp.LSQUnivariateSpline(x, y, [3])]
    yield "make", lambda: [interp.make_interp_spline(x, y), interp.make_lsq_spline(x, y, np.r_[[0] * 4, 3, [7] * 4])]
    yield "smoothing", lambda: interp.make_smoothing_spline(x, y)
    yield "bary", lambda: [interp.BarycentricInterpolator(x, y), interp.KroghInterpolator(x, y)]
    yield "grid", lambda: [interp.RegularGridInterpolator((x, x), np.outer(x, y)), interp.RectBivariateSpline(x, x, np.outer(x, y))]
    yield "grid2", lambda: [interp.SmoothBivariateSpline(np.random.rand(30), np.random.rand(30), np.random.rand(30))]
    yield "nd", lambda: [interp.LinearNDInterpolator(np.eye(3), [1, 2, 3]), interp.NearestNDInterpolator(np.eye(3), [1, 2, 3])]
    yield "nd2", lambda: [interp.CloughTocher2DInterpolator(np.array([[0, 0], [0, 1], [1, 0.]]), [1, 2, 3])]
    yield "rbf", lambda: interp.Rbf(x, y)
    yield "rbf2", lambda: interp.RBFInterpolator(x[:, None], y)
    yield "ndspline", lambda: interp.NdBSpline((np.arange(8.0),), np.ones(4), 3)
    yield "bpoly", lambda: [interp.BPoly(np.ones((2, 2)), [0, 1, 2]), interp.NdPPoly(np.ones((2, 2)), ([0, 1, 2],))]
    spatial = _m("scipy.spatial")
    pts = np.random.RandomState(0).rand(12, 2)
    yield "kdtree", lambda: [spatial.KDTree(pts), spatial.cKDTree(pts)]
    yield "hull", lambda: [spatial.ConvexHull(pts), spatial.Delaunay(pts), spatial.Voronoi(pts)]
    yield "spherical", lambda: spatial.SphericalVoronoi(np.eye(3))
    rot = _m("scipy.spatial.transform")
    yield "rotation", lambda: [rot.Rotation.identity(), rot.Rotation.from_euler("xyz", [[1, 2, 3]])]
    yield "slerp", lambda: rot.Slerp([0, 1], rot.Rotation.from_euler("xyz", [[1, 2, 3], [1, 1, 1]]))
    yield "rigid", lambda: rot.RigidTransform.identity()
    opt = _m("scipy.optimize")
    yield "minimize", lambda: [opt.minimize(lambda v: (v ** 2).sum(), [1.0, 2.0], method=m) for m in ("BFGS", "L-BFGS-B", "Nelder-Mead", "SLSQP")]
    yield "scalar", lambda: [opt.minimize_scalar(lambda v: (v - 1) ** 2), opt.root(lambda v: v - 1, [0.0])]
    yield "rootscalar", lambda: opt.root_scalar(lambda v: v - 1, bracket=[0, 3])
    yield "linprog", lambda: opt.linprog([1, 2], bounds=[(0, 1), (0, 1)])
    yield "lsq", lambda: opt.least_squares(lambda v: v - 1, [0.0])
    yield "bounds", lambda: [opt.Bounds([0], [1]), opt.LinearConstraint(np.eye(2), 0, 1)]
    yield "hessian", lambda: opt.LbfgsInvHessProduct(np.ones((2, 3)), np.ones((2, 3)))
    yield "hessupd", lambda: [opt.BFGS(), opt.SR1()]
    sig = _m("scipy.signal")
    yield "lti", lambda: [sig.TransferFunction([1], [1, 2]), sig.StateSpace([[1]], [[1]], [[1]], [[0]]), sig.ZerosPolesGain([1], [2], 3), sig.lti([1], [1, 2]), sig.dlti([1], [1, 2])]
    yield "shorttime", lambda: sig.ShortTimeFFT(np.ones(8), 4, 1.0)
    integ = _m("scipy.integrate")
    yield "ivp", lambda: integ.solve_ivp(lambda t, v: -v, [0, 1], [1.0], dense_output=True)
    yield "odesol", lambda: integ.solve_ivp(lambda t, v: -v, [0, 1], [1.0], method="BDF", dense_output=True).sol
    lin = _m("scipy.sparse.linalg")
    yield "linop", lambda: [lin.aslinearoperator(np.eye(2)), lin.aslinearoperator(sparse.eye(2))]
    special = _m("scipy.special")
    yield "special", lambda: [getattr(special, n) for n in dir(special) if isinstance(getattr(special, n), np.ufunc)]
    yield "special2", lambda: [special.logsumexp, special.softmax, special.erfinv]
    yield "orthopoly", lambda: special.legendre(3)
    cluster = _m("scipy.cluster.hierarchy")
    yield "clusternode", lambda: cluster.to_tree(cluster.linkage(pts))
    yield "functions", lambda: [_m("scipy.spatial.distance").cosine, _m("scipy.stats").zscore, _m("scipy.ndimage").gaussian_filter]
    yield "odr", lambda: _m("scipy.odr").RealData(x, y)
    yield "disjoint", lambda: _m("scipy.cluster.hierarchy").DisjointSet([1, 2])
