"""Training a perceptron or a network on a table: read, standardize, train, fold back, report, save."""

from __future__ import annotations

import operator
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from calcopt.errors import ClusterError, DataError, UsageError
from calcopt.learn.checkpoint import Checkpoint, check_place, identity, load
from calcopt.learn.class_weights import read_class_weights
from calcopt.learn.imputation import Filling, Imputation, Presence, column_means
from calcopt.learn.metrics import measure
from calcopt.learn.network import Network, initial_parameters
from calcopt.learn.network_functions import Output
from calcopt.learn.perceptron_options import Options, Plan, check_options, check_size, choose_method
from calcopt.learn.perceptron_report import report, to_model
from calcopt.learn.perceptron_scaling import Scaling
from calcopt.learn.perceptron_table import Examples, Prepare, Wanted, choose_columns, local_examples
from calcopt.learn.separation import find_separation, in_words
from calcopt.learn.shares import Change
from calcopt.learn.training import Stopping, Training, run
from calcopt.learn.training_problem import ClassCounts, TrainingProblem
from calcopt.learn.training_status import Proof
from calcopt.records import OnEpoch, Separation, TrainedPerceptron

UNSETTLED = ("stalled", "max_iterations", "stopped_early", "interrupted")
"""Endings after which it is worth asking whether there is a minimum at all."""

FULL_PASSES = ("gd", "newton")
"""Methods that only ever pass over all rows."""

if TYPE_CHECKING:
    from calcopt.data.table import Table
    from calcopt.learn.models import Model


def train(
    table: Table,
    *,
    target: str | None,
    features: Sequence[str] | None = None,
    text: str | None = None,
    options: Options,
    save: str | Path | None = None,
    checkpoint: str | Path | None = None,
    resume: str | Path | None = None,
    on_epoch: OnEpoch | None = None,
    prepare: Prepare | None = None,
) -> TrainedPerceptron:
    """Minimizes mean loss + ½ l2 ‖w‖² over the rows of ``table``; see :func:`calcopt.api.perceptron.train_perceptron`.

    The gradient norm, the rate and l2 are those of the standardized columns when ``scale``; the loss and the
    weights are in the units of the data. Raises ``UsageError`` for options, ``DataError`` for the table,
    ``FileError`` for a place that a model cannot be saved to (before training). ``prepare`` reads the table; by default
    into this process, or where ``table.crew`` is a cluster, on its workers.
    """
    from threadpoolctl import threadpool_limits

    check_options(options)
    if save is not None:
        from calcopt.learn.models import check_writable

        check_writable(save)
    kept = checkpoint if checkpoint is not None else resume
    if kept is not None:
        check_place(kept)
        if save is not None and Path(save).resolve() == Path(kept).resolve():
            raise UsageError(f"'{save}' cannot hold the model and the checkpoint", hint="name two files")
    if table.crew is not None:
        _require_full_passes(options)
    columns = choose_columns(table, target, features, text)
    with threadpool_limits(limits=1, user_api="blas"), np.errstate(all="ignore"):
        first_weights, shuffling, split = options.seeds()
        by_column = options.method in FULL_PASSES
        wanted = Wanted(options.task, options.fill_missing, options.validation, split, by_column)
        examples = (prepare or _reader(table))(table, columns, wanted)
        _check_classes(examples, table.name)
        imputation, examples = _filled(examples, table.name) if options.fill_missing else (None, examples)
        scaling, problem, validating = _problems(examples, options)
        plan = choose_method(problem, options, shuffling)
        theta = initial_parameters(problem.network, np.random.default_rng(first_weights))
        same = identity(problem, validating, plan.method, _same(options)) if kept is not None else {}
        resumed = None
        if resume is not None:
            resumed = load(resume, same, fresh=plan.method.start(problem), size=problem.network.parameters)
        with _told_how_to_go_on(kept):
            training = run(
                problem,
                plan.method,
                theta,
                _stopping(options, plan),
                validation=validating,
                on_epoch=on_epoch,
                checkpoint=Checkpoint(kept, same) if kept is not None else None,
                resumed=resumed,
            )
        if kept is not None and training.ending is not None and training.ending.status == "interrupted":
            training.ending = replace(training.ending, message=f"{training.ending.message}; go on with --resume {kept}")
        separation = _separation(training, scaling, examples)
        metrics = measure(problem, training.point.theta)
        checked = measure(validating, training.point.theta) if validating is not None else None
    layers = scaling.fold_back(problem.network.layers(training.point.theta), scaled_target=not examples.classes)
    warnings = (*examples.warnings, *_remarks(examples, options, scaling, training))
    result = report(table, columns, examples, options, problem, training, layers, plan, warnings)
    result = replace(result, resumed_from=resumed.epoch if resumed is not None else None, separation=separation)
    result = replace(result, metrics=metrics, validation=checked, **_prepared(examples, imputation))
    if save is None:
        return result
    return _saved(result, to_model(result, examples, scaling, layers, imputation, options.phi), save)


@contextmanager
def _told_how_to_go_on(kept: str | Path | None) -> Iterator[None]:
    """A cluster that went away in mid-run has not taken the last checkpoint with it."""
    try:
        yield
    except ClusterError as error:
        if kept is not None:
            error.hint = f"when it is there again, go on with --resume {kept}"
        raise


def _require_full_passes(options: Options) -> None:
    if options.method not in FULL_PASSES:
        raise UsageError(
            f"--method {options.method} draws mini-batches, and a cluster gives sums over all of its rows",
            hint="use --method newton, or gd",
        )


def _reader(table: Table) -> Prepare:
    if table.crew is None:
        return local_examples
    from calcopt.learn.cluster_shares import cluster_examples

    return cluster_examples


def _same(options: Options) -> dict[str, Any]:
    """The options, beside those of the method, that a run can only go on with; the limits of a run may change."""
    weights = options.class_weights
    return {
        "seed": options.seed,
        "l2": options.l2,
        "class-weights": dict(weights) if isinstance(weights, Mapping) else weights,
    }


def _filled(examples: Examples, place: str) -> tuple[Imputation, Examples]:
    """Fills the missing numbers in, by the means of the rows to learn from."""
    numeric = examples.numeric
    imputation, cells = column_means(numeric, examples.learning, place)
    if examples.held_out is not None:
        cells += examples.held_out.total(Presence(len(numeric)), operator.add).missing
    return replace(imputation, cells=cells), _changed(examples, Filling(imputation))


def _changed(examples: Examples, change: Change) -> Examples:
    held_out = examples.held_out.changed(change) if examples.held_out is not None else None
    return replace(examples, learning=examples.learning.changed(change), held_out=held_out)


def _prepared(examples: Examples, imputation: Imputation | None) -> dict[str, Any]:
    """What the record says of the columns: the levels, and the means where cells were filled in."""
    levels = {category.column: category.levels for category in examples.categories}
    if imputation is None:
        return {"categories": levels}
    means = dict(zip(imputation.columns, imputation.means.tolist(), strict=True))
    return {"categories": levels, "means": means, "filled": imputation.cells}


def _check_classes(examples: Examples, place: str) -> None:
    """``DataError`` where a class has no row to learn from."""
    if not examples.classes or examples.held_out is None:
        return
    counts = examples.learning.total(ClassCounts(len(examples.classes)), operator.add)
    if not counts.all():
        lost = examples.classes[int(np.argmin(counts))]
        raise DataError(
            f"all rows of class '{lost}' were held out", place, hint="try another --seed, or less --validation"
        )


def _problems(examples: Examples, options: Options) -> tuple[Scaling, TrainingProblem, TrainingProblem | None]:
    """The scaling, measured on the rows to learn from, and the two (training and validation) problems under it."""
    unit, noise = 1.0, None
    if options.scale:
        scaling = Scaling.measure(examples.learning, scale_target=not examples.classes)
        examples = _changed(examples, scaling)
        unit, noise = scaling.target_deviation**2, scaling.noise
    else:
        scaling = Scaling.identity(examples.learning, squared=options.method == "newton")
    network = _network(examples, options)
    weights = None
    if options.class_weights is not None:
        counts = None
        if examples.classes:
            counts = examples.learning.total(ClassCounts(len(examples.classes)), operator.add)
        weights = read_class_weights(options.class_weights, examples.classes, counts)
    problem = TrainingProblem(network, examples.learning, options.l2, unit, noise, weights, examples.redundant)
    if examples.held_out is None:
        return scaling, problem, None
    return scaling, problem, TrainingProblem(network, examples.held_out, options.l2, unit, noise, weights)


def _network(examples: Examples, options: Options) -> Network:
    output: Output = "identity" if not examples.classes else "sigmoid" if len(examples.classes) == 2 else "softmax"
    outputs = len(examples.classes) if output == "softmax" else 1
    network = Network((len(examples.features), *options.hidden, outputs), options.phi, output)
    check_size(network)
    return network


def _stopping(options: Options, plan: Plan) -> Stopping:
    # Who names a number of epochs wants to see them, growing weights included, and who watches held-out rows has a
    # way to end of his own; else the proof that there is no minimum ends the run.
    at_proof = options.epochs is None and options.patience is None
    return Stopping(options.most_epochs, options.tolerance, at_proof, plan.rate, plan.safe_rate, options.patience)


def _separation(training: Training, scaling: Scaling, examples: Examples) -> Separation | None:
    """The separating plane, and a word about it in how the run ended; looked for where a run without l2 went on."""
    ending, problem = training.ending, training.problem
    proved = training.separable is True
    looking = training.separable is None and problem.l2 == 0.0 and ending is not None and ending.status in UNSETTLED
    if ending is None or not (proved or looking):
        return None
    if len(examples.classes) > 2:
        from calcopt.learn.separable_class import separable_class_in_words

        words = None if proved else separable_class_in_words(problem, scaling, examples.features, examples.classes)
        if words is not None:
            words += "" if "--l2" in ending.message else "; add --l2 0.01 for a minimum"
            training.ending = replace(ending, message=f"{ending.message}; {words}")
        return None
    found = find_separation(problem, training.point.theta, scaling, examples.features, proved=proved)
    if found is not None and problem.l2 == 0.0:
        words = in_words(found, examples.classes[1])
        if found.kind == "quasi":
            words = f"the classes are quasi-separated, so weights grow for ever: {words}"
        elif not proved:
            words = f"a plane separates the classes, so the weights grow for ever: {words}"
            training.proof = Proof(training.epoch, found.margin)
        words += "" if proved or "--l2" in ending.message else "; add --l2 0.01 for a minimum"
        training.ending = replace(ending, message=f"{ending.message}; {words}")
    return found


def _remarks(examples: Examples, options: Options, scaling: Scaling, training: Training) -> list[str]:
    remarks = []
    constant = [name for name, same in zip(examples.features, scaling.constant, strict=True) if same]
    if constant:
        names = ", ".join(f"'{name}'" for name in constant[:5]) + (" …" if len(constant) > 5 else "")
        remarks.append(f"the same value in every row, so nothing can be learned from it: {names}")
    if training.separable and options.l2 == 0.0:
        remarks.append("the classes are separable: without --l2 the weights grow for ever; add --l2 0.01")
    return remarks


def _saved(result: TrainedPerceptron, model: Model, save: str | Path) -> TrainedPerceptron:
    """Saves the model; one that diverged is of no use and is not saved."""
    from calcopt.learn.models import save_model

    if result.status == "diverged" or not np.isfinite(model.theta).all():
        return replace(result, warnings=(*result.warnings, f"the model was not saved to {save}: its training diverged"))
    save_model(model, save)
    return replace(result, model=str(save))
