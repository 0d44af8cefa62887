/*
 * A row of the time line, and the head above all of them.
 */
import {h, setTime} from './dom.js';
import {setNamed} from './named.js';
import {methodWord, splitPath, visible, who} from './words.js';

function programName(record) {
	return record.exe === null ? '' : splitPath(record.exe)[1];
}

function fillRow(cells, record) {
	const [folder, name] = splitPath(record.path);

	setTime(cells.time, record.time_ns);
	cells.method.textContent = methodWord(record.method);
	cells.method.dataset.method = record.method;
	cells.folder.textContent = visible(folder);
	cells.name.textContent = visible(name);
	cells.link.href = `#/changes/${record.id}`;
	cells.link.title = visible(record.path);
	setNamed(cells.who, [record.uid, record.login_uid], () => who(record));
	cells.program.textContent = visible(programName(record));
	cells.program.title = record.exe === null ? '' : visible(record.exe);
	cells.where.textContent = visible(record.tty ?? record.unit ?? '');
}

/* A row's element, and how it shows record @index of the present time line. */
export function makeRow(get) {
	const cell = (name, ...inside) => h('span', {class: `cell ${name}`, role: 'gridcell'}, inside);
	const cells = {
		time: h('time', {}),
		method: h('span', {class: 'method'}),
		folder: h('span', {class: 'folder'}),
		name: h('span', {class: 'name'}),
		who: cell('who'),
		program: cell('program'),
		where: cell('where'),
	};
	cells.link = h('a', {class: 'path', tabindex: '-1'}, cells.folder, cells.name);
	const element = h(
		'div',
		{class: 'row', role: 'row'},
		cell('when', cells.time),
		cell('what', cells.method),
		cell('file', cells.link),
		cells.who,
		cells.program,
		cells.where,
	);

	return {element, show: (index) => showRow(element, cells, get(index))};
}

function showRow(element, cells, {record, isFresh}) {
	element.classList.toggle('fresh', Boolean(isFresh));
	element.classList.toggle('vacant', !record);
	if (record) return fillRow(cells, record);
	for (const name of ['method', 'folder', 'program', 'where', 'time'])
		cells[name].textContent = '';
	setNamed(cells.who, [], () => '');
	delete cells.time.dataset.ns;
	delete cells.method.dataset.method;
	cells.link.removeAttribute('href');
	cells.link.title = '';
	cells.name.textContent = record === null ? 'not kept any more' : 'loading…';
}

const HEAD = [
	['when', 'When'],
	['what', 'What'],
	['file', 'File'],
	['who', 'Who'],
	['program', 'Program'],
	['where', 'From'],
];

export function makeHead() {
	return h(
		'div',
		{class: 'row head', role: 'row'},
		HEAD.map(([name, text]) => h('span', {class: `cell ${name}`, role: 'columnheader', text})),
	);
}
