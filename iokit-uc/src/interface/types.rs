//! The types that an interface names, each once.

use super::{Interface, Memory, Method, ParameterKind, Reply};
use crate::memory::{BlockLayout, Content, FieldKind};
use crate::wire::{Layout, OutputShape, ScalarKind, ScalarType, Shape};

/// A type with a name of its own.
#[derive(Clone, Copy)]
pub(super) enum NamedType {
    Struct(&'static Layout),
    /// An enum or a newtype.
    Scalar(&'static ScalarType),
    /// A block of registers.
    Block(&'static BlockLayout),
}

impl NamedType {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Struct(layout) => layout.name(),
            Self::Scalar(ty) => ty.name(),
            Self::Block(block) => block.name,
        }
    }

    /// Whether both are one type as far as the wire can tell. What is written about them does not count.
    fn is(self, other: Self) -> bool {
        match (self, other) {
            (Self::Struct(a), Self::Struct(b)) => is_same_layout(a, b),
            (Self::Scalar(a), Self::Scalar(b)) => is_same_scalar(a, b),
            (Self::Block(a), Self::Block(b)) => is_same_block(a, b),
            _ => false,
        }
    }
}

fn is_same_layout(a: &Layout, b: &Layout) -> bool {
    let is_same_shape = || match (a.shape(), b.shape()) {
        (Shape::Number, Shape::Number) => true,
        (Shape::Array { element: a, length }, Shape::Array { element: b, length: other }) => {
            length == other && is_same_layout(a, b)
        }
        (Shape::Struct(a), Shape::Struct(b)) => {
            a.len() == b.len()
                && a.iter().zip(b).all(|(a, b)| {
                    (a.name, a.offset) == (b.name, b.offset) && is_same_layout(a.layout, b.layout)
                })
        }
        _ => false,
    };
    (a.name(), a.size(), a.align()) == (b.name(), b.size(), b.align()) && is_same_shape()
}

fn is_same_scalar(a: &ScalarType, b: &ScalarType) -> bool {
    let is_same_kind = || match (a.kind(), b.kind()) {
        (ScalarKind::Enum { integer: a, variants }, ScalarKind::Enum { integer: b, variants: others }) => {
            is_same_scalar(a, b)
                && variants.len() == others.len()
                && variants.iter().zip(others).all(|(a, b)| (a.name, a.value) == (b.name, b.value))
        }
        (ScalarKind::Newtype(a), ScalarKind::Newtype(b)) => is_same_scalar(a, b),
        (a, b) => a == b,
    };
    a.name() == b.name() && is_same_kind()
}

fn is_same_block(a: &BlockLayout, b: &BlockLayout) -> bool {
    let is_same_kind = |a: FieldKind, b: FieldKind| match (a, b) {
        (FieldKind::Block(a), FieldKind::Block(b)) => is_same_block(a, b),
        (
            FieldKind::Register { value: a, bits, kind, .. },
            FieldKind::Register { value: b, bits: other_bits, kind: other_kind, .. },
        ) => (a, bits, kind) == (b, other_bits, other_kind),
        _ => false,
    };
    (a.name, a.size, a.align, a.fields.len()) == (b.name, b.size, b.align, b.fields.len())
        && a.fields.iter().zip(b.fields).all(|(a, b)| {
            (a.name, a.offset, a.array) == (b.name, b.offset, b.array) && is_same_kind(a.kind, b.kind)
        })
}

/// The named types of an interface with a name for each, those before that others are made of.
pub(super) struct Types {
    named: Vec<(NamedType, String)>,
}

impl Types {
    /// Of types with one and the same name `rename` makes several: it is given the name, and how many types have had
    /// it before.
    pub(super) fn of(interface: &Interface, mut rename: impl FnMut(&str, usize) -> String) -> Self {
        let mut types = Self { named: Vec::new() };
        for method in interface.methods_by_selector() {
            for parameter in method.parameters {
                match parameter.kind {
                    ParameterKind::Scalar(ty) => types.add_scalar(ty),
                    ParameterKind::Structure(layout)
                    | ParameterKind::Slice(layout)
                    | ParameterKind::Buffer(layout) => types.add_layout(layout),
                    ParameterKind::Scalars => {}
                }
            }
            match method.reply {
                Reply::Values(shape) => types.add_output(&shape),
                Reply::Variable(layout) => types.add_layout(layout),
                Reply::Filled => {}
            }
            if let Some(completion) = method.completion {
                types.add_output(&completion.values);
            }
        }
        for memory in interface.memory_by_type() {
            match memory.content {
                Content::Registers(block) => types.add_block(block),
                Content::Slice(layout) | Content::Queue(Some(layout)) => types.add_layout(layout),
                Content::Queue(None) => {}
            }
        }
        for index in 0..types.named.len() {
            let name = types.named[index].0.name();
            let earlier = types.named[..index].iter().filter(|(other, _)| other.name() == name).count();
            types.named[index].1 = rename(name, earlier);
        }
        types
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (NamedType, &str)> {
        self.named.iter().map(|(ty, name)| (*ty, name.as_str()))
    }

    /// The name of a type: that which it was given, or its own.
    pub(super) fn name(&self, ty: NamedType) -> &str {
        self.named.iter().find(|(other, _)| other.is(ty)).map_or(ty.name(), |(_, name)| name)
    }

    fn add(&mut self, ty: NamedType) {
        if !self.named.iter().any(|(other, _)| other.is(ty)) {
            self.named.push((ty, String::new()));
        }
    }

    fn add_output(&mut self, shape: &OutputShape) {
        shape.scalars().iter().for_each(|ty| self.add_scalar(ty));
        if let Some(layout) = shape.layout() {
            self.add_layout(layout);
        }
    }

    fn add_scalar(&mut self, ty: &'static ScalarType) {
        match ty.kind() {
            ScalarKind::Integer { .. } | ScalarKind::Bool => return,
            ScalarKind::Enum { .. } => {}
            ScalarKind::Newtype(inner) => self.add_scalar(inner),
        }
        self.add(NamedType::Scalar(ty));
    }

    fn add_block(&mut self, block: &'static BlockLayout) {
        for field in block.fields {
            if let FieldKind::Block(inner) = field.kind {
                self.add_block(inner);
            }
        }
        self.add(NamedType::Block(block));
    }

    fn add_layout(&mut self, layout: &'static Layout) {
        match layout.shape() {
            Shape::Number => {}
            Shape::Array { element, .. } => self.add_layout(element),
            Shape::Struct(fields) => {
                fields.iter().for_each(|field| self.add_layout(field.layout));
                self.add(NamedType::Struct(layout));
            }
        }
    }
}

impl Interface {
    pub(super) fn methods_by_selector(&self) -> Vec<&'static Method> {
        let mut methods: Vec<_> = self.methods.iter().collect();
        methods.sort_by_key(|method| method.name.selector);
        methods
    }

    pub(super) fn memory_by_type(&self) -> Vec<&'static Memory> {
        let mut memory: Vec<_> = self.memory.iter().collect();
        memory.sort_by_key(|memory| memory.name.memory_type);
        memory
    }
}
