"""Claims of docs/*/regression/multiple-regression.md that its snippet does not show by itself.

Each docstring quotes the sentence of the English page and names its heading.
"""

import numpy as np
import pytest
import torch
from sklearn.datasets import load_diabetes
from sklearn.linear_model import LinearRegression
from sklearn.metrics import r2_score
from sklearn.model_selection import train_test_split
from torch import nn, optim

DATA = load_diabetes(scaled=False)
X = torch.tensor(DATA.data)
Y = torch.tensor(DATA.target).reshape(-1, 1)
torch.manual_seed(0)
ORDER = torch.randperm(442)
TRAIN, TEST = ORDER[:342], ORDER[342:]
MEAN, STD = X[TRAIN].mean(dim=0), X[TRAIN].std(dim=0)
Z = (X - MEAN) / STD
AGE, SEX, BMI, BP, S1, S2, S3, S4, S5, S6 = range(10)


def with_ones(features: torch.Tensor) -> torch.Tensor:
    return torch.cat([features, torch.ones(len(features), 1, dtype=features.dtype)], dim=1)


def solve(features: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    return torch.linalg.lstsq(with_ones(features), targets).solution


def curvatures(features: torch.Tensor) -> torch.Tensor:
    A = with_ones(features)
    return torch.linalg.eigvalsh(2 * A.T @ A / len(A))


def fit(
    features: torch.Tensor, targets: torch.Tensor, steps: int, lr: float, momentum: float
) -> tuple[nn.Linear, float]:
    """The page's training, and its last loss."""
    torch.manual_seed(0)
    model = nn.Linear(features.shape[1], 1).to(features.dtype)
    optimizer = optim.SGD(model.parameters(), lr=lr, momentum=momentum)
    value = 0.0
    for _ in range(steps):
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(features), targets)
        loss.backward()
        optimizer.step()
        value = loss.item()
    return model, value


def excess(solution: torch.Tensor) -> float:
    def loss(w: torch.Tensor) -> float:
        return float(((with_ones(Z[TRAIN]) @ w - Y[TRAIN]) ** 2).mean())

    return loss(solution) - loss(solve(Z[TRAIN], Y[TRAIN]))


def parameters(model: nn.Linear) -> torch.Tensor:
    return torch.cat([model.weight.detach().flatten(), model.bias.detach()]).double().reshape(-1, 1)


@pytest.fixture(scope="module")
def splits() -> torch.Tensor:
    """The weights of 50 splits."""
    rows = []
    for seed in range(50):
        part = torch.randperm(442, generator=torch.Generator().manual_seed(seed))[:342]
        rows.append(solve((X - X[part].mean(dim=0))[part] / X[part].std(dim=0), Y[part])[:10].flatten())
    return torch.stack(rows)


def test_four_features_change_their_sign() -> None:
    """regression/multiple-regression.md#multiple-regression: "Four features change their sign"."""
    together = solve(Z[TRAIN], Y[TRAIN])[:10].flatten()
    alone = torch.stack([solve(Z[TRAIN][:, [j]], Y[TRAIN])[0] for j in range(10)]).flatten()
    assert ((together * alone) < 0).nonzero().flatten().tolist() == [AGE, SEX, S1, S3]
    assert (together - alone).abs().argmax() == S1


def test_the_target() -> None:
    """regression/multiple-regression.md#data: "The target y is a number from 25 to 346"; sex is "1 or 2"."""
    assert (Y.min(), Y.max()) == (25, 346)
    assert set(X[:, SEX].tolist()) == {1, 2}


def test_train_test_split_does_the_same() -> None:
    """regression/multiple-regression.md#split: "scikit-learn's `train_test_split` does the same"."""
    train, test = train_test_split(np.arange(442), test_size=100, random_state=0)
    assert (len(train), len(test)) == (342, 100)
    assert set(train) | set(test) == set(range(442)) and not set(train) & set(test)


def test_curvature_grows_with_the_square() -> None:
    """regression/multiple-regression.md#raw: "the curvature along a weight grows with the square of its feature. s1 has
    values near 200, whose squares are tens of thousands"."""
    w = torch.zeros(10, dtype=torch.float64, requires_grad=True)
    for scale in (1, 3):
        features = X[TRAIN] * scale
        hessian = torch.autograd.functional.hessian(lambda w, f=features: ((f @ w) ** 2).mean(), w)
        assert torch.allclose(hessian.diag(), 2 * scale**2 * (X[TRAIN] ** 2).mean(dim=0), rtol=1e-12)
    assert 150 < X[:, S1].median() < 250


def test_the_matrix_of_second_derivatives() -> None:
    """regression/multiple-regression.md#raw: "`2 * A.T @ A / len(A)` … is the matrix of second derivatives of the
    MSE"."""
    A = with_ones(Z[TRAIN])
    w = torch.zeros(11, dtype=torch.float64)
    hessian = torch.autograd.functional.hessian(lambda w: ((A @ w - Y[TRAIN].flatten()) ** 2).mean(), w)
    assert torch.allclose(hessian, 2 * A.T @ A / 342, atol=1e-12)


def test_the_condition_number() -> None:
    """regression/multiple-regression.md#raw: "At half the limit, a step in the gentlest direction removes $1/\\kappa$
    of the distance that is left, and here $\\kappa$ is above fifty million"."""
    values = curvatures(X[TRAIN])
    kappa = (values[-1] / values[0]).item()
    assert 50e6 < kappa < 55e6
    for seen in (values, curvatures(Z[TRAIN])):
        lr = 0.5 * 2 / seen[-1]
        assert (lr * seen[0]).item() == pytest.approx((seen[0] / seen[-1]).item(), rel=1e-12)
    hundred_thousandths = 2 / values[-1].item() * 1e5
    assert 1 < hundred_thousandths < 1.5


def test_standardizing_three_values() -> None:
    """regression/multiple-regression.md#standardize: "`std()` is the root of the sum of squares divided by
    (count - 1)", "(40 - 25)/5 = 3"."""
    bmi = torch.tensor([20.0, 25.0, 30.0], dtype=torch.float64)
    assert (bmi.mean(), bmi.std()) == (25, 5)
    assert ((bmi - bmi.mean()) / bmi.std()).tolist() == [-1, 0, 1]
    assert (40 - bmi.mean()) / bmi.std() == 3


def test_what_remains_is_entanglement() -> None:
    """regression/multiple-regression.md#standardize: "What remains of the condition number comes from features that are
    entangled with each other"."""
    basis = torch.linalg.qr(Z[TRAIN] - Z[TRAIN].mean(dim=0)).Q
    apart = curvatures(basis / basis.std(dim=0))
    assert (apart[-1] / apart[0]).item() == pytest.approx(342 / 341, rel=1e-9)
    together = curvatures(Z[TRAIN])
    assert together[-1] / together[0] > 400


def test_a_thousand_raw_steps() -> None:
    """regression/multiple-regression.md#standardize: "In original units, 1000 steps do not get as far as ten steps with
    standardized features"."""
    losses = []
    for features, steps in ((X[TRAIN], 1000), (Z[TRAIN], 10)):
        limit = 2 / curvatures(features)[-1].item()
        losses.append(fit(features, Y[TRAIN], steps, 0.9 * limit, momentum=0)[1])
    assert losses[0] > losses[1] + 100


def test_r2() -> None:
    """regression/multiple-regression.md#train: "scikit-learn's `r2_score` uses the mean of the data it is given, which
    makes it slightly different"."""
    predictions = with_ones(Z[TEST]) @ solve(Z[TRAIN], Y[TRAIN])
    mse = ((predictions - Y[TEST]) ** 2).mean()
    theirs = r2_score(Y[TEST].numpy(), predictions.numpy())
    assert theirs == pytest.approx((1 - mse / ((Y[TEST] - Y[TEST].mean()) ** 2).mean()).item(), abs=1e-12)
    ours = (1 - mse / ((Y[TEST] - Y[TRAIN].mean()) ** 2).mean()).item()
    assert 0 < ours - theirs < 0.01


def test_predictions_lean_to_the_middle() -> None:
    """regression/multiple-regression.md#train: "At both ends they lean towards the middle", "patients with a large y
    mostly lie below it, those with a small y above it"."""
    error = (with_ones(Z[TEST]) @ solve(Z[TRAIN], Y[TRAIN]) - Y[TEST]).flatten()
    y = Y[TEST].flatten()
    assert (error[y > y.quantile(0.8)] < 0).float().mean() > 0.8
    assert (error[y < y.quantile(0.2)] > 0).float().mean() > 0.8


def test_the_closed_form_needs_no_standardizing() -> None:
    """regression/multiple-regression.md#scikit-learn: "The closed form does not walk, so it can do without
    standardizing"."""
    raw = LinearRegression().fit(X[TRAIN].numpy(), Y[TRAIN].numpy()).predict(X[TEST].numpy())
    scaled = LinearRegression().fit(Z[TRAIN].numpy(), Y[TRAIN].numpy()).predict(Z[TEST].numpy())
    assert np.allclose(raw, scaled, rtol=0, atol=1e-8)


def test_a_settled_loss_with_moving_coefficients() -> None:
    """regression/multiple-regression.md#scikit-learn: "After 100 steps the loss is within 1 of its final value, and
    still a coefficient is off by …"."""
    model, _ = fit(Z[TRAIN], Y[TRAIN], 100, lr=0.1, momentum=0.9)
    assert 0 < excess(parameters(model)) < 1
    assert (parameters(model) - solve(Z[TRAIN], Y[TRAIN])).abs().max() > 5


def test_float32_has_too_few_digits() -> None:
    """regression/multiple-regression.md#scikit-learn: "What is left after 1000 steps is due to too few digits. With
    float64 … it gets smaller"."""
    best = solve(Z[TRAIN], Y[TRAIN])[:10]
    gaps = []
    for dtype in (torch.float32, torch.float64):
        model, _ = fit(Z[TRAIN].to(dtype), Y[TRAIN].to(dtype), 1600, lr=0.1, momentum=0.9)
        gaps.append((parameters(model)[:10] - best).abs().max().item())
    assert gaps[0] > 1e-6
    assert gaps[1] < 1e-10


def test_a_copied_feature() -> None:
    """regression/multiple-regression.md#scikit-learn: "scikit-learn picks the answer with the smallest sum of squared
    weights, half and half. … **the difference they started with stays to the end**. The predictions agree"."""
    twice = torch.cat([Z[TRAIN], Z[TRAIN][:, [BMI]]], dim=1)
    start, _ = fit(twice, Y[TRAIN], 0, lr=0.1, momentum=0.9)
    end, _ = fit(twice, Y[TRAIN], 1600, lr=0.1, momentum=0.9)
    before, after = parameters(start), parameters(end)
    assert (after[BMI] - after[10]).item() == pytest.approx((before[BMI] - before[10]).item(), abs=1e-10)
    reference = LinearRegression().fit(twice.numpy(), Y[TRAIN].numpy().ravel())
    assert reference.coef_[BMI] == pytest.approx(reference.coef_[10], abs=1e-9)
    assert (reference.coef_**2).sum() < (after[:11] ** 2).sum()
    predictions = (with_ones(twice) @ after).flatten()
    assert np.allclose(predictions.numpy(), reference.predict(twice.numpy()), rtol=0, atol=1e-8)


def test_reading_a_weight() -> None:
    """regression/multiple-regression.md#reading: "between two patients who agree **in the other nine features** and
    differ by 1 in bmi, the predictions differ by that much", "it equals the mean of y in the training data"."""
    solution = solve(Z[TRAIN], Y[TRAIN])
    two = X[:1].repeat(2, 1)
    two[1, BMI] += 1
    low, high = (with_ones((two - MEAN) / STD) @ solution).flatten().tolist()
    assert high - low == pytest.approx((solution[BMI] / STD[BMI]).item(), abs=1e-9)
    assert solution[10].item() == pytest.approx(Y[TRAIN].mean().item(), abs=1e-9)


def test_which_weights_shift(splits: torch.Tensor) -> None:
    """regression/multiple-regression.md#reading: "the weights of bmi and bp stay in place while those of s1 and s2
    (orange) shift widely", "the orange ones of s1 spread most widely, followed by those of s2"."""
    spread = splits.std(dim=0)
    assert spread.argsort(descending=True)[:2].tolist() == [S1, S2]
    assert spread[S2] > 3 * spread[[AGE, SEX, BMI, BP, S6]].max()


def test_the_valley_of_two_weights(splits: torch.Tensor) -> None:
    """regression/multiple-regression.md#reading: "The grey lines say how much the loss rises when all the other weights
    are set as well as possible", "The weights scatter along the valley of the loss"."""
    A = with_ones(Z[TRAIN])
    best = solve(Z[TRAIN], Y[TRAIN])
    bowl = torch.linalg.inv(torch.linalg.inv(2 * A.T @ A / 342)[4:6, 4:6])
    moved = torch.tensor([[13.0], [-9.0]], dtype=torch.float64)
    others = [0, 1, 2, 3, 6, 7, 8, 9, 10]
    rest = Y[TRAIN] - A[:, 4:6] @ (best[4:6] + moved)
    again = best.clone()
    again[4:6] += moved
    again[others] = torch.linalg.lstsq(A[:, others], rest).solution
    assert excess(again) == pytest.approx((moved.T @ bowl @ moved / 2).item(), rel=1e-8)

    gentle = torch.linalg.eigh(bowl).eigenvectors[:, 0]
    scatter = torch.linalg.eigh(torch.cov(splits[:, 4:6].T)).eigenvectors[:, 1]
    assert (gentle @ scatter).abs() > 0.99
    assert gentle[0] * gentle[1] < 0


def test_the_gentlest_direction() -> None:
    """regression/multiple-regression.md#reading: "This is the same [long valley] … and the condition number of … that
    standardizing did not remove"."""
    A = with_ones(Z[TRAIN])
    gentlest = torch.linalg.eigh(2 * A.T @ A / 342).eigenvectors[:, 0]
    assert set(gentlest.abs().argsort(descending=True)[:2].tolist()) == {S1, S2}
    apart = [j for j in range(10) if j not in (S1, S2)]
    values = curvatures(Z[TRAIN][:, apart])
    assert values[-1] / values[0] < 50


def test_no_loss_without_s2() -> None:
    """regression/multiple-regression.md#reading: "the test error stays what it was"."""
    keep = [j for j in range(10) if j != S2]

    def rmse(columns: list[int]) -> float:
        solution = solve(Z[TRAIN][:, columns], Y[TRAIN])
        return float(((with_ones(Z[TEST][:, columns]) @ solution - Y[TEST]) ** 2).mean().sqrt())

    assert rmse(keep) == pytest.approx(rmse(list(range(10))), abs=0.1)


def test_predictions_along_the_valley(splits: torch.Tensor) -> None:
    """regression/multiple-regression.md#reading: "for patients like those of the training data, whose s1 and s2 rise
    and fall together, they hardly change along it. For a patient with a high s1 and a low s2, they too shift widely
    from split to split"."""
    usual, odd = torch.zeros(2, 10, dtype=torch.float64)
    usual[[S1, S2]] = 2.0
    odd[S1], odd[S2] = 2.0, -2.0
    assert (splits @ odd).std() > 4 * (splits @ usual).std()
    assert (splits @ odd).std() > 4 * (Z[TEST] @ splits.T).std(dim=1).median()


def test_correlation_is_one_on_a_line() -> None:
    """regression/multiple-regression.md#reading: "It says, between -1 and 1, …; at 1 they lie on a straight line"."""
    assert torch.corrcoef(torch.stack([X[:, BMI], 3 * X[:, BMI] - 7]))[0, 1].item() == pytest.approx(1, abs=1e-12)
    assert torch.corrcoef(X.T).abs().max() <= 1 + 1e-12


def test_a_linear_model_undoes_scaling() -> None:
    """regression/multiple-regression.md#leakage: "A linear model's w and b can undo any shift and any scale, so after
    full training its predictions are the same on either ruler"."""
    leaky = (X - X.mean(dim=0)) / X.std(dim=0)
    one, other = (with_ones(f[TEST]) @ solve(f[TRAIN], Y[TRAIN]) for f in (Z, leaky))
    assert torch.allclose(one, other, rtol=0, atol=1e-8)


def test_early_stopping_and_regularization_do_not() -> None:
    """regression/multiple-regression.md#leakage: "stop early, use [regularization] … and the predictions differ"."""
    leaky = (X - X.mean(dim=0)) / X.std(dim=0)
    early = [fit(f[TRAIN], Y[TRAIN], 10, 0.05, 0)[0](f[TEST]) for f in (Z, leaky)]
    assert (early[0] - early[1]).abs().max() > 0.1

    def ridge(f: torch.Tensor) -> torch.Tensor:
        A = with_ones(f[TRAIN])
        return with_ones(f[TEST]) @ torch.linalg.solve(A.T @ A + 50 * torch.eye(11).double(), A.T @ Y[TRAIN])

    assert (ridge(Z) - ridge(leaky)).abs().max() > 0.1


def test_choosing_features_with_the_test_data() -> None:
    """regression/multiple-regression.md#leakage: "that is enough for a model that predicts disease from random
    numbers"."""
    for seed in range(5):
        noise = torch.randn(442, 1000, generator=torch.Generator().manual_seed(seed)).double()

        def score(rows: torch.Tensor, noise: torch.Tensor = noise) -> float:
            centred = noise[rows] - noise[rows].mean(dim=0)
            along = (centred.T @ (Y[rows] - Y[rows].mean())).flatten() / noise[rows].std(dim=0)
            chosen = noise[:, along.abs().topk(20).indices]
            error = with_ones(chosen[TEST]) @ solve(chosen[TRAIN], Y[TRAIN]) - Y[TEST]
            return float(1 - (error**2).mean() / ((Y[TEST] - Y[TRAIN].mean()) ** 2).mean())

        assert score(torch.arange(442)) > 0.1
        assert score(TRAIN) < 0.05


def test_the_default_is_scaled_with_all_patients() -> None:
    """regression/multiple-regression.md#leakage: "`load_diabetes()` with its default `scaled=True` also returns values
    that were scaled with all 442 patients"."""
    scaled = load_diabetes().data
    assert np.allclose(scaled.mean(axis=0), 0, atol=1e-12)
    assert np.allclose((scaled**2).sum(axis=0), 1, atol=1e-12)
    assert len(scaled) == 442


def test_targets_without_their_axis() -> None:
    """regression/multiple-regression.md#mistakes: "the weights go to 0 and the bias to the mean"."""
    with pytest.warns(UserWarning, match="broadcasting"):
        model, _ = fit(Z[TRAIN], Y[TRAIN].flatten(), 800, lr=0.1, momentum=0.9)
    solution = parameters(model)
    assert solution[:10].abs().max() < 1e-4
    assert solution[10].item() == pytest.approx(Y[TRAIN].mean().item(), abs=1e-8)
    assert (torch.zeros(342, 1) - torch.zeros(342)).shape == (342, 342)


def test_blood_pressure_of_123() -> None:
    """regression/multiple-regression.md#self-check: "(123 - 95)/14 = 2, so it is 2 × 16 = 32 higher", "8/7 × 28 =
    32"."""
    assert (123 - 95) / 14 * 16 == 32
    assert abs(16 / 14 * (123 - 95) - 32) < 1e-12


def test_a_test_of_one_patient() -> None:
    """regression/multiple-regression.md#self-check: "With a single patient, the value minus the mean is 0 and the
    deviation is `nan`, and so is the prediction"."""
    one = X[:1]
    with pytest.warns(UserWarning, match="degrees of freedom"):
        deviation = one.std(dim=0)
    assert (one - one.mean(dim=0)).abs().max() == 0
    assert deviation.isnan().all()
    assert (with_ones((one - one.mean(dim=0)) / deviation) @ solve(Z[TRAIN], Y[TRAIN])).isnan().all()


def test_another_unit() -> None:
    """regression/multiple-regression.md#self-check: "the weight in original units is a tenth … The standardized weight
    and the predictions stay the same"."""
    changed = X.clone()
    changed[:, BMI] *= 10
    raw, raw_changed = solve(X[TRAIN], Y[TRAIN]), solve(changed[TRAIN], Y[TRAIN])
    assert raw_changed[BMI].item() == pytest.approx(raw[BMI].item() / 10, rel=1e-8)
    rescaled = (changed - changed[TRAIN].mean(dim=0)) / changed[TRAIN].std(dim=0)
    assert torch.allclose(rescaled, Z, rtol=0, atol=1e-12)
    assert torch.allclose(with_ones(changed) @ raw_changed, with_ones(X) @ raw, rtol=0, atol=1e-6)


def test_r2_on_paper() -> None:
    """regression/multiple-regression.md#self-check: "1 - 3000/6000 = 1/2", "its MSE is 11/10 times that of the
    baseline"."""
    assert 1 - 3000 / 6000 == 1 / 2
    assert abs(1 - 11 / 10 + 1 / 10) < 1e-12
